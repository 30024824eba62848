import { z } from 'zod';
import { compareObjectives, type ComparedObjective } from '../core/report/compare-objectives.ts';
import { secondsText } from '../core/quantities.ts';
import { chooseAsset, postgresAssets } from './assets.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import { defineVerb } from './verb.ts';

const STYLES = { met: 'green', accepted: 'yellow', missed: 'red', unknown: 'grey' } as const;
/** Times that a line shows, newest first; `--output json` has all that were read. */
const TIMES_SHOWN = 5;

export const objectives = defineVerb({
  name: 'objectives',
  summary: 'Show RPO and RTO beside what drills measured, and propose what the plan should say where a target was missed',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast objectives', 'npx holdfast objectives postgres --output json'],
  exits: ['ProblemsFound', 'BadInput', 'NotDeployed', 'AwsUnreachable', 'AwsLoginMissing', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({
    asset: z.string().optional(),
    from: z.enum(['vault', 'replica'], { error: 'is vault or replica' }).default('vault'),
  }),
  async run(context, { asset: id, from }) {
    const plan = context.plan();
    const assets = id === undefined ? postgresAssets(plan) : [chooseAsset(plan, 'postgres', id, 'objectives')];
    const vault = await openPoints(context, from);
    const { readDrills } = await import('./evidence/read-drills.ts');
    const drills = await vault.reading(() => readDrills(vault.reader, plan, context.frame.now()));
    const compared = assets.flatMap((asset) => compareObjectives(asset, drills.get(asset.id) ?? []));
    const isMissed = compared.some(({ verdict }) => verdict === 'missed');
    return {
      data: { system: plan.system, from, objectives: compared },
      text: (paint) => render(compared, context.planFile(), paint),
      exit: isMissed ? 'ProblemsFound' : undefined,
    };
  },
});

function render(compared: readonly ComparedObjective[], planFile: string, paint: Paint): string {
  const rows = compared.map(({ asset, objective, statedSeconds, accepted, measured, median, slowest, verdict }) => [
    asset,
    objective.toUpperCase(),
    secondsText(statedSeconds),
    accepted ? `${secondsText(accepted.seconds)} (${accepted.gap})` : '-',
    measured.length === 0
      ? '-'
      : measured
          .slice(0, TIMES_SHOWN)
          .map(({ seconds }) => secondsText(seconds))
          .join(', '),
    median === undefined ? '-' : secondsText(median),
    slowest === undefined ? '-' : secondsText(slowest),
    paint(STYLES[verdict], verdict),
  ]);
  const missed = compared.filter(({ proposed }) => proposed !== undefined);
  return [
    table(['ASSET', 'OBJECTIVE', 'STATED', 'ALLOWED BY A GAP', 'MEASURED, NEWEST FIRST', 'MEDIAN', 'SLOWEST', 'VERDICT'], rows),
    ...missed.map(({ asset, objective, stated, proposed }) =>
      [
        `${asset} missed its ${objective.toUpperCase()}: make it faster, or agree on what was measured, with a quarter to spare, in ${planFile}:`,
        `    id: ${asset}`,
        '    objectives:',
        paint('red', `  -   ${objective}: ${stated}`),
        paint('green', `  +   ${objective}: ${proposed}`),
      ].join('\n'),
    ),
  ].join('\n\n');
}
