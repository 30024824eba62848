import { z } from 'zod';
import { PointDamaged } from '../core/vault/point-damage.ts';
import { manifestKey } from '../core/vault/keys.ts';
import { POINT_HELP, choosePoint } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION, openPoints, readerOfPlace } from './points.ts';
import { defineVerb } from './verb.ts';

export const verify = defineVerb({
  name: 'verify',
  summary: 'Read every byte of a point back to this machine, compare it, and decode the archive to its end',
  positionals: [{ name: 'point', help: POINT_HELP, isRequired: true }],
  options: [{ flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' }, FROM_OPTION],
  isRemote: true,
  examples: [
    'npx holdfast verify latest',
    'npx holdfast verify postgres/20261121T020000Z --from replica',
    'npx holdfast verify latest --output json --quiet',
  ],
  exits: [...READING_EXITS, 'StoppedWatching', 'PointMissing', 'PointDamaged', 'PointArchived'],
  input: z.strictObject({
    point: z.string(),
    asset: z.string().optional(),
    from: FromPlace,
  }),
  async run(context, { point: text, asset: id, from }) {
    const { system } = context.plan();
    const wish = choosePoint(context.plan(), text, id, 'verify');
    const vault = await openPoints(context, from);
    const name = { system, asset: wish.asset.id, point: await vault.resolve(wish.asset.id, wish.point) };
    const records = await vault.records(name.asset, name.point);
    const reader = readerOfPlace(vault.reader, records, from);
    if (reader === undefined)
      throw new PointDamaged(manifestKey(system, name.asset, name.point), `the ${from} names no copy of every object of the point`);
    const { readBack } = await import('./verify/read-back.ts');
    return readBack(context, { name, records, reader, from });
  },
});
