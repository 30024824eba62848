import { z } from 'zod';
import { describeHolds, type HoldState } from '../core/lock/describe-holds.ts';
import { readHoldFacts } from '../core/lock/read-holds.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { describeNotRestorable } from '../core/restore/missing-keys.ts';
import { summarizePoint } from '../core/vault/summarize-point.ts';
import type { PointSummary } from '../core/vault/summarize-point.ts';
import { findPoint } from '../core/vault/read-point.ts';
import type { Manifest } from '../core/vault/manifest.ts';
import { POINT_HELP, choosePoint } from './assets.ts';
import { bytesText, secondsText } from '../core/quantities.ts';
import type { VaultPlace } from './connection.ts';
import { READING_EXITS } from './exit-codes.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { explainMarks } from '../core/vault/explain-marks.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import { defineVerb } from './verb.ts';

export const show = defineVerb({
  name: 'show',
  summary: 'Show one point: its source, its objects, its keys, and all that became true of it',
  positionals: [{ name: 'point', help: POINT_HELP, isRequired: true }],
  options: [{ flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' }, FROM_OPTION],
  isRemote: true,
  examples: [
    'npx holdfast show latest',
    'npx holdfast show postgres/20261121T020000Z',
    'npx holdfast show 20261121T020000Z --from replica --output json',
  ],
  exits: [...READING_EXITS, 'PointMissing', 'PointDamaged'],
  input: z.strictObject({
    point: z.string(),
    asset: z.string().optional(),
    from: FromPlace,
  }),
  async run(context, { point: text, asset: id, from }) {
    const wish = choosePoint(context.plan(), text, id, 'show');
    const vault = await openPoints(context, from);
    const point = await vault.resolve(wish.asset.id, wish.point);
    const { manifest, manifestSha256, facts } = await vault.records(wish.asset.id, point);
    const summary = summarizePoint(manifest, facts);
    const name = { system: context.plan().system, asset: wish.asset.id, point };
    const { holds, marks } = await vault.reading(() => lookBeside(vault.reader, name, from));
    const { judgeKeys } = await import('./judge-keys.ts');
    const { problems, notes } = await judgeKeys(context, wish.asset, manifest);
    const notRestorable = problems.map(({ text: why }) => why);
    return {
      data: { from, summary, notRestorable, holds, marks, notes, manifestSha256, manifest, facts },
      text: (paint) =>
        [
          render(manifest, { ...summary, notRestorable, holds }, paint),
          ...marks.map(({ text: said, next }) => `${paint('red', said)}\n  do next: ${next}`),
          ...notes.map((note) => paint('yellow', note)),
        ].join('\n\n'),
    };
  },
});

/** Legal holds that stand, and what a listing tells against the point. */
async function lookBeside(reader: ObjectReader, name: { system: string; asset: string; point: string }, from: VaultPlace) {
  const listed = await findPoint(reader, name.system, name.asset, name.point);
  const facts = await readHoldFacts(reader, name);
  const holds = describeHolds(facts.filter(({ counts }) => counts).map(({ fact }) => fact)).filter(
    ({ released }) => released === undefined,
  );
  return { holds, marks: listed ? explainMarks(name.asset, listed, from) : [] };
}

function render(manifest: Manifest, summary: PointSummary & { notRestorable: string[]; holds: HoldState[] }, paint: Paint): string {
  const { source, dump, tools } = manifest;
  const or = (text: string | undefined, otherwise: string) => text ?? paint('yellow', otherwise);
  const drill = summary.lastDrill;
  const facts: [string, string][] = [
    ['data up to', instant(manifest.consistentAt)],
    ['committed', instant(manifest.finishedAt)],
    ['source', `${source.database}, PostgreSQL ${source.version}, ${bytesText(source.sizeBytes)}, ${source.encoding}`],
    ['dump', `${dump.format}, ${dump.compression}, ${bytesText(summary.sizeBytes)}, by pg_dump ${tools.pgDump}`],
    ['verified', or(summary.verifiedAt && instant(summary.verifiedAt), 'no')],
    ['locked', or(summary.lockedUntil && `until ${instant(summary.lockedUntil)}, ${summary.lockMode}`, 'only by the default of the vault')],
    ...summary.holds.map(({ hold, held }): [string, string] => [
      'held',
      `${paint('yellow', hold)} since ${instant(held.at)} by ${held.by}: ${held.reason}`,
    ]),
    ['replicated', or(summary.replicatedAt && `${instant(summary.replicatedAt)} to ${summary.replicaRegion}`, 'no')],
    [
      'last restored',
      drill === undefined
        ? paint('yellow', 'never: this point is not proven')
        : `${instant(drill.at)} from the ${drill.from}, ${drill.outcome === 'passed' ? paint('green', 'passed') : paint('red', 'failed')} in ${secondsText(drill.rtoSeconds)}${drill.reasons.length > 0 ? `: ${drill.reasons.join('; ')}` : ''}`,
    ],
    ['extensions', source.extensions.map((extension) => `${extension.name} ${extension.version}`).join(', ') || 'none'],
    ['needs keys', manifest.keys.map((key) => `${key.key} (${key.fingerprint.slice(0, 16)})`).join(', ') || 'none'],
  ];
  if (summary.notRestorable.length > 0) facts.push(['', paint('red', describeNotRestorable(summary.notRestorable))]);
  const objects = manifest.objects.flatMap((object) =>
    object.segment ? [] : [[object.role, bytesText(object.sizeBytes), object.sha256.slice(0, 16), object.key]],
  );
  return [
    paint('bold', `${manifest.asset}/${manifest.point}`),
    ...facts.map(([name, value]) => `  ${name.padEnd(14)}${value}`),
    '',
    table(['OBJECT', 'SIZE', 'SHA-256', 'KEY'], objects),
    ...(manifest.dump.format === 'segmented'
      ? ['', table(['SEGMENTED TABLE', 'SIZE', 'ROWS', 'SEGMENTS'], segmentedTables(manifest))]
      : []),
  ].join('\n');
}

/** A table in a line, however many objects it has: `--output json` names them all. Largest first. */
function segmentedTables(manifest: Manifest): string[][] {
  const tables = new Map<string, { sizeBytes: number; rows: number; segments: number }>();
  for (const { segment, sizeBytes } of manifest.objects) {
    if (!segment) continue;
    const sum = tables.get(segment.table) ?? { sizeBytes: 0, rows: 0, segments: 0 };
    tables.set(segment.table, { sizeBytes: sum.sizeBytes + sizeBytes, rows: sum.rows + segment.rows, segments: sum.segments + 1 });
  }
  return [...tables]
    .toSorted(([, a], [, b]) => b.sizeBytes - a.sizeBytes)
    .map(([name, { sizeBytes, rows, segments }]) => [name, bytesText(sizeBytes), String(rows), String(segments)]);
}
