import { resolve } from 'node:path';
import { z } from 'zod';
import { HoldfastError } from '../core/failure/error.ts';
import type { PostgresAsset } from '../core/plan/schema.ts';
import { describeNotRestorable } from '../core/restore/missing-keys.ts';
import type { Manifest } from '../core/vault/manifest.ts';
import { PointDamaged } from '../core/vault/point-damage.ts';
import { manifestKey } from '../core/vault/keys.ts';
import { POINT_HELP, choosePoint } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION, openPoints, readerOfPlace } from './points.ts';
import { defineVerb, type Context } from './verb.ts';

const MAJORS = ['pg15', 'pg16', 'pg17', 'pg18'] as const;

export const exportPoint = defineVerb({
  name: 'export',
  summary: 'Write a point to this machine as files that stock pg_restore (or psql) reads, every byte compared on the way',
  positionals: [{ name: 'point', help: POINT_HELP, isRequired: true }],
  options: [
    {
      flags: '--to <directory>',
      help: 'a directory that is empty or not there yet; a segmented point becomes one for `pg_restore -Fd -j`',
    },
    { flags: '--for <major>', help: `${MAJORS.join(', ')}: the pg_restore to read it (default: that of the pg_dump that wrote it)` },
    { flags: '--compression <method>', help: 'of a segmented point: zstd, gzip or none (default: as it is, and gzip for pg15)' },
    { flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast export latest --to ./ida',
    'npx holdfast export postgres/20261121T020000Z --to ./ida --for pg15',
    'npx holdfast export latest --to ./ida --from replica --compression gzip',
  ],
  exits: [...READING_EXITS, 'StoppedWatching', 'PointMissing', 'PointDamaged', 'PointArchived', 'DiskFull'],
  input: z.strictObject({
    point: z.string(),
    to: z.string(),
    for: z.enum(MAJORS, { error: `is ${MAJORS.join(', ')}` }).optional(),
    compression: z.enum(['zstd', 'gzip', 'none'], { error: 'is zstd, gzip or none' }).optional(),
    asset: z.string().optional(),
    from: FromPlace,
  }),
  async run(context, { point: text, to, for: wanted, compression, asset: id, from }) {
    const { system } = context.plan();
    const wish = choosePoint(context.plan(), text, id, 'export');
    const directory = resolve(context.frame.workingDirectory, to);
    const { checkDirectory } = await import('./export/target-directory.ts');
    await checkDirectory(directory);
    const vault = await openPoints(context, from);
    const name = { system, asset: wish.asset.id, point: await vault.resolve(wish.asset.id, wish.point) };
    const records = await vault.records(name.asset, name.point);
    const reader = readerOfPlace(vault.reader, records, from);
    if (reader === undefined)
      throw new PointDamaged(manifestKey(system, name.asset, name.point), `the ${from} names no copy of every object of the point`);
    const { writePoint } = await import('./export/write-point.ts');
    const major = wanted === undefined ? undefined : Number(wanted.slice(2));
    const { notRestorable, notes } = await lookAtKeys(context, wish.asset, records.manifest);
    const written = await writePoint(context, { name, from, manifest: records.manifest, reader, directory, major, compression });
    return {
      ...written,
      data: { ...written.data, notRestorable, notSeen: notes },
      text: (paint) =>
        [
          written.text(paint),
          ...(notRestorable.length > 0
            ? [`${paint('red', `The point is ${describeNotRestorable(notRestorable)}`)}: what these keys encrypted stays unreadable`]
            : []),
          ...notes.map((note) => paint('yellow', note)),
        ].join('\n'),
    };
  },
});

/** Files are better than none, whatever becomes of escrow. */
async function lookAtKeys(context: Context, ...judged: [PostgresAsset, Manifest]): Promise<{ notRestorable: string[]; notes: string[] }> {
  const { judgeKeys } = await import('./judge-keys.ts');
  try {
    const { problems, notes } = await judgeKeys(context, ...judged);
    return { notRestorable: problems.map(({ text }) => text), notes };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { notRestorable: [], notes: [`Not seen: whether the keys of the point could be got back. ${error.message}`] };
  }
}
