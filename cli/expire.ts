import { z } from 'zod';
import { RetentionOutput } from '../core/retention/contract.ts';
import { chooseAsset, postgresAssets } from './assets.ts';
import { decideExpiry, type AssetDecisions } from './expiry.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb, type Answer, type Context } from './verb.ts';
import { plural } from '../core/quantities.ts';

/** Points that stay, of each asset, that the text shows: the reasons are alike. */
const KEPT_SHOWN = 20;

export const expire = defineVerb({
  name: 'expire',
  summary: 'Show which points the plan keeps, which expire, and why; with --apply, let them expire',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [
    { flags: '--apply', help: 'start the retention machine, which decides again and deletes what expires' },
    { flags: '--all', help: 'show every point that stays, not the newest of them alone' },
    FROM_OPTION,
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: ['npx holdfast expire', 'npx holdfast expire postgres --from replica', 'npx holdfast expire --apply'],
  exits: [...STARTING_EXITS, 'PointNotExpired'],
  input: z.strictObject({
    asset: z.string().optional(),
    apply: z.boolean().default(false),
    all: z.boolean().default(false),
    from: FromPlace,
    ...startingInput,
  }),
  run(context, { asset, apply, all, from, ...wishes }) {
    const plan = context.plan();
    const assets = asset === undefined ? postgresAssets(plan) : [chooseAsset(plan, 'postgres', asset, 'expire')];
    if (!apply && wishes.watch === undefined) return showDecisions(context, { assets, from, all });
    return startAndWatch(context, {
      verb: 'expire --apply',
      stage: 'retention',
      from,
      input: asset === undefined ? {} : { asset },
      wishes,
      describe(output) {
        const { run, assets: done } = RetentionOutput.parse(output);
        return {
          data: { run, from, assets: done },
          text: (paint) =>
            table(
              ['ASSET', 'EXPIRED', 'SWEPT OBJECTS', 'LOCKED LONGER', 'EVIDENCE'],
              done.map((one) => [
                one.asset,
                `${one.expired}${one.later > 0 ? ` (${one.later} more in later runs)` : ''}`,
                String(one.sweptObjects),
                `${one.extended}${one.settled > 0 ? ` (and the holds of ${one.settled} put right)` : ''}`,
                one.evidence.join(', ') || paint('dim', 'none: nothing happened'),
              ]),
            ),
        };
      },
    });
  },
});

type Wanted = { assets: ReturnType<typeof postgresAssets>; from: 'vault' | 'replica'; all: boolean };

async function showDecisions(context: Context, { assets, from, all }: Wanted): Promise<Answer> {
  const vault = await openPoints(context, from);
  const now = context.frame.now();
  const decided: AssetDecisions[] = [];
  for (const asset of assets) decided.push(await decideExpiry(vault, context.plan(), asset, now));
  return {
    data: { system: context.plan().system, from, decidedAt: now.toISOString(), assets: decided },
    text: (paint) => decided.map((one) => render(one, all, paint)).join('\n\n'),
  };
}

function render({ asset, points }: AssetDecisions, all: boolean, paint: Paint): string {
  const [goes, stays] = [points.filter(({ action }) => action === 'expire'), points.filter(({ action }) => action === 'keep')];
  const head = `${paint('bold', asset)} ${goes.length === 0 ? 'nothing expires' : `${goes.length} of ${plural(points.length, 'point')} ${goes.length === 1 ? 'expires' : 'expire'}`}`;
  if (points.length === 0) return `${paint('bold', asset)} no point yet`;
  const shown = all ? stays : stays.slice(0, KEPT_SHOWN);
  const rows = [
    ...shown.map(({ point, reasons }) => [point, paint('green', 'stays'), reasons.join('; ')]),
    ...goes.map(({ point, reasons }) => [point, paint('yellow', 'expires'), reasons.join('; ')]),
  ].toSorted(([a = ''], [b = '']) => (a < b ? 1 : -1));
  const hidden = stays.length - shown.length;
  return [
    head,
    table(['POINT', '', 'WHY'], rows),
    ...(hidden > 0 ? [paint('dim', `${hidden} older ones stay; show them with --all`)] : []),
  ].join('\n');
}
