import { z } from 'zod';
import { readHoldFacts } from '../core/lock/read-holds.ts';
import { describeHolds, type HoldState } from '../core/lock/describe-holds.ts';
import { chooseAsset, postgresAssets } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { instant } from './output/instant.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION, openPoints, READS_AT_ONCE } from './points.ts';
import { mapSeveralAtOnce } from '../core/several-at-once.ts';
import { defineVerb } from './verb.ts';

type Row = HoldState & { asset: string; point: string };

export const holdList = defineVerb({
  name: 'hold list',
  summary: 'List the legal holds that stand on points, who wanted each, when and why',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [{ flags: '--all', help: 'show those too that were released' }, FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast hold list', 'npx holdfast hold list postgres --all', 'npx holdfast hold list --from replica --output json'],
  exits: [...READING_EXITS, 'PointDamaged'],
  input: z.strictObject({
    asset: z.string().optional(),
    all: z.boolean().default(false),
    from: FromPlace,
  }),
  async run(context, { asset: id, all, from }) {
    const plan = context.plan();
    const assets = id === undefined ? postgresAssets(plan) : [chooseAsset(plan, 'postgres', id, 'hold list')];
    const vault = await openPoints(context, from);
    const rows: Row[] = [];
    for (const { id: asset } of assets) {
      const held = (await vault.catalog(asset)).points.filter(({ kinds }) => kinds.has('held'));
      const found = await mapSeveralAtOnce(held, READS_AT_ONCE, async ({ point }) => {
        const facts = await vault.reading(() => readHoldFacts(vault.reader, { system: plan.system, asset, point }));
        return describeHolds(facts.filter(({ counts }) => counts).map(({ fact }) => fact)).map((state): Row => ({
          asset,
          point,
          ...state,
        }));
      });
      rows.push(...found.flat().filter(({ released }) => all || released === undefined));
    }
    return {
      data: { system: plan.system, from, holds: rows },
      text: (paint) =>
        rows.length === 0
          ? `No hold stands on any point in the ${from}`
          : table(
              ['ASSET', 'POINT', 'HOLD', 'SINCE', 'BY', 'REASON'],
              rows.map(({ asset, point, hold, held, released }) => [
                asset,
                point,
                released === undefined
                  ? paint('yellow', hold)
                  : paint('dim', `${hold} (released ${instant(released.at)}: ${released.reason})`),
                instant(held.at),
                held.by,
                held.reason,
              ]),
            ),
    };
  },
});
