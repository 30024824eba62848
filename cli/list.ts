import { z } from 'zod';
import { decidePointState } from '../core/backup/decide-admission.ts';
import { adviseLost, explainLost, explainOthers } from '../core/vault/explain-lost.ts';
import { summarizePoint } from '../core/vault/summarize-point.ts';
import type { PointSummary } from '../core/vault/summarize-point.ts';
import type { Asset, ProtectionPlan } from '../core/plan/schema.ts';
import { offlineTerms, type NeededKeys } from '../core/restore/key-needs.ts';
import { describeNotRestorable, findMissingKeys, type KnownKeys } from '../core/restore/missing-keys.ts';
import { knownKeys } from '../core/status/summary.ts';
import type { Colour } from '../core/status/colour.ts';
import { decideColour } from '../core/status/decide-colour.ts';
import { chooseAsset } from './assets.ts';
import { bytesText, secondsText } from '../core/quantities.ts';
import type { VaultPlace } from './connection.ts';
import type { EscrowMark } from './escrow-strays.ts';
import { READING_EXITS } from './exit-codes.ts';
import { NOTHING_LOST } from './lost-points.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { explainMarks } from '../core/vault/explain-marks.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import type { ReadPoint } from './points.ts';
import { reviewParts } from './review/read-review.ts';
import { defineVerb } from './verb.ts';

type ListedRow = { point: string; isHidden: boolean; isOverwritten: boolean; isFinished: boolean } & (
  (PointSummary & { /** Why, for each key; none when it is. */ notRestorable: string[] }) | { damage: string }
);
type AssetPoints = {
  asset: string;
  kind: Asset['kind'];
  colour: Colour;
  /** Why, worst first. */
  reasons: string[];
  points: ListedRow[];
  older: number;
  /** Gone, and nothing says that they expired. */
  lost: { point: string; text: string; next: string }[];
  /** So many more are lost that are not named. */
  lostOthers: number;
  /** What somebody left in escrow beside a key's objects. */
  marks: EscrowMark[];
  /** There, and passed over for a tombstone. */
  expiring: { point: string; text: string; next: string }[];
};

/** Reasons that a list shows of each asset; `--output json` has them all. */
const REASONS_SHOWN = 4;
const STYLES = { red: 'red', 'no data': 'grey', amber: 'yellow', green: 'green' } as const;

export const list = defineVerb({
  name: 'list',
  summary: 'List the points of each database, newest first, and say the colour of each asset and why',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [{ flags: '--limit <count>', help: 'show so many points of each asset (default: 20)' }, FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast list', 'npx holdfast list postgres --limit 5', 'npx holdfast list --from replica --output json'],
  exits: [...READING_EXITS],
  input: z.strictObject({
    asset: z.string().optional(),
    limit: z.coerce.number('is a number').int('is a whole number').min(1, 'is at least 1').max(1000, 'is at most 1000').default(20),
    from: FromPlace,
  }),
  async run(context, { asset: id, limit, from }) {
    const plan = context.plan();
    const assets = id === undefined ? plan.assets : [chooseAsset(plan, 'postgres', id, 'list')];
    const vault = await openPoints(context, from);
    const now = context.frame.now();
    const { readRecords } = await import('./records.ts');
    const records = await readRecords(
      { ...reviewParts(context), connection: await context.connect(), vault, from, environment: context.frame.environment, now },
      limit,
    );
    const status = decideColour(plan, records.colours, now);
    const known = knownKeys(records.colours.keys);
    const offline = offlineTerms(plan.assets);
    const found = assets.map(({ id: asset, kind }): AssetPoints => {
      const needed = { needsKeys: assetNeeds(plan, asset), offline };
      const points = records.points[asset]?.map((point) => toRow(point, needed, known, now)) ?? [];
      const { colour, reasons } = status.assets[asset] ?? { colour: 'no data', reasons: [] };
      const lost = records.lost[asset] ?? NOTHING_LOST;
      return {
        asset,
        kind,
        colour,
        reasons: reasons.map((reason) => reason.text),
        points,
        older: records.older[asset] ?? 0,
        lost: lost.points.map((one) => ({ point: one.point, text: explainLost(asset, one, from), next: adviseLost(asset, one, from) })),
        lostOthers: lost.others,
        marks: records.marks[asset] ?? [],
        expiring: (records.expiring[asset] ?? []).flatMap((point) =>
          explainMarks(asset, point, from).flatMap(({ kind: mark, text, next }) =>
            mark === 'point-expiring' ? [{ point: point.point, text, next }] : [],
          ),
        ),
      };
    });
    const { notes } = records;
    return {
      data: { system: plan.system, from, colour: status.colour, assets: found, notes },
      text: (paint) => [...found.map((one) => render(one, from, paint)), ...notes.map((note) => paint('yellow', note))].join('\n\n'),
    };
  },
});

const assetNeeds = (plan: ProtectionPlan, id: string): readonly string[] =>
  plan.assets.flatMap((asset) => (asset.kind === 'postgres' && asset.id === id ? asset.needsKeys : []));

const toRow = (point: ReadPoint, needed: NeededKeys, known: KnownKeys, now: Date): ListedRow => {
  const { point: id, isHidden, isOverwritten } = point.listed;
  // A run that is still at it leaves its point unfinished too.
  const marks = { point: id, isHidden, isOverwritten, isFinished: decidePointState(point.listed) === 'recorded' };
  if ('damage' in point) return { ...marks, damage: point.damage };
  const { manifest, facts } = point.records;
  return { ...marks, ...summarizePoint(manifest, facts), notRestorable: findMissingKeys(manifest, needed, known, now) };
};

function render(
  { asset, kind, colour, reasons, points, older, lost, lostOthers, marks, expiring }: AssetPoints,
  from: VaultPlace,
  paint: Paint,
): string {
  const more = reasons.length > REASONS_SHOWN ? [`and ${reasons.length - REASONS_SHOWN} more`] : [];
  const why = [...reasons.slice(0, REASONS_SHOWN), ...more].map((reason) => `  ${reason}`);
  const gone = [
    ...[...lost, ...expiring, ...marks].flatMap(({ text, next }) => [`  ${paint('red', text)}`, `    ${next}`]),
    ...explainOthers(lostOthers, from).map((line) => `  ${paint('red', line)}`),
  ];
  const head = [`${paint('bold', asset)} ${paint(STYLES[colour], colour)}`, ...why, ...gone].join('\n');
  if (kind === 'key') return head;
  if (points.length === 0)
    return `${head}\n${lost.length === 0 ? 'no point yet' : 'no point'}: make one with \`npx holdfast backup ${asset}\``;
  const rows = points.map((point) => cells(point, paint));
  const lines = table(['POINT', 'COMMITTED', 'SIZE', 'VERIFIED', 'LOCKED UNTIL', 'REPLICATED', 'LAST RESTORED', ''], rows);
  return [head, lines, ...(older > 0 ? [paint('dim', `${older} older; show more with --limit`)] : [])].join('\n');
}

function cells(row: ListedRow, paint: Paint): string[] {
  const no = paint('dim', '-');
  const marks = [
    row.isFinished ? '' : paint('yellow', 'not finished'),
    row.isHidden ? paint('yellow', 'hidden by a delete marker') : '',
    row.isOverwritten ? paint('red', 'manifest written over') : '',
  ];
  const remark = (more = '') => [...marks, more].filter((mark) => mark !== '').join(', ');
  if ('damage' in row) return [row.point, no, no, no, no, no, no, remark(paint('red', row.damage))];
  const at = (when: string | undefined) => (when === undefined ? no : instant(when));
  return [
    row.point,
    instant(row.committedAt),
    bytesText(row.sizeBytes),
    at(row.verifiedAt),
    at(row.lockedUntil),
    at(row.replicatedAt),
    row.lastDrill === undefined ? no : drillCell(row.lastDrill, paint),
    remark(row.notRestorable.length > 0 ? paint('red', describeNotRestorable(row.notRestorable)) : ''),
  ];
}

const drillCell = (drill: NonNullable<PointSummary['lastDrill']>, paint: Paint) =>
  drill.outcome === 'passed'
    ? `${paint('green', instant(drill.at))} in ${secondsText(drill.rtoSeconds)}`
    : paint('red', `${instant(drill.at)} failed`);
