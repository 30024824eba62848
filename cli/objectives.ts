import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { checkPlan } from '../core/plan/check.ts';
import { renderFinding, type Finding } from '../core/plan/finding.ts';
import { parsePlan } from '../core/plan/load.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { proposeObjectives } from '../core/plan/propose-objectives.ts';
import { unifiedDiff } from '../core/plan/unified-diff.ts';
import { secondsText } from '../core/quantities.ts';
import type { MeasuredRestore } from '../core/report/measured-restores.ts';
import { compareObjectives, type ComparedObjective } from '../core/report/compare-objectives.ts';
import { chooseAsset, postgresAssets } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { renderRestores } from './objectives/restores.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { readPlanText } from './plan-file.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import { defineVerb, type Context } from './verb.ts';

const STYLES = { met: 'green', accepted: 'yellow', missed: 'red', unaccepted: 'yellow', unknown: 'grey' } as const;
/** Times that a line shows, newest first; `--output json` has all that were read. */
const TIMES_SHOWN = 5;

export const objectives = defineVerb({
  name: 'objectives',
  summary:
    'Show RPO and RTO beside what drills and restores measured; where a target was missed, propose the new one as a diff of the plan, and apply it',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [
    { flags: '--write', help: 'apply the diff to the plan’s file; comments stay. The target is amber until somebody has accepted it' },
    {
      flags: '--accepted-by <who>',
      help: 'with --write: who accepts what was measured of the assets that are shown, for the system’s owner',
    },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast objectives',
    'npx holdfast objectives postgres --output json',
    'npx holdfast objectives --write',
    'npx holdfast objectives --write --accepted-by owner@example.org',
  ],
  exits: [...READING_EXITS, 'ProblemsFound'],
  input: z
    .strictObject({
      asset: z.string().optional(),
      write: z.boolean().default(false),
      acceptedBy: z.string().trim().min(1).max(200).optional(),
      from: FromPlace,
    })
    .superRefine(({ write, acceptedBy }, problems) => {
      if (acceptedBy !== undefined && !write) problems.addIssue({ code: 'custom', path: ['acceptedBy'], message: 'goes with --write' });
    }),
  async run(context, { asset: id, write, acceptedBy, from }) {
    const plan = context.plan();
    const assets = id === undefined ? postgresAssets(plan) : [chooseAsset(plan, 'postgres', id, 'objectives')];
    const vault = await openPoints(context, from);
    const { readDrills } = await import('./evidence/read-drills.ts');
    const { joinDrills, readOtherRegion } = await import('./evidence/read-other-region.ts');
    const { joinRestores, readRestores } = await import('./evidence/read-restores.ts');
    const now = context.frame.now();
    const region = { plan, connection: await context.connect(), environment: context.frame.environment, from };
    const other = await readOtherRegion(region, async (reader) => ({
      drills: Object.fromEntries(await readDrills(reader, plan, now)),
      restores: await readRestores(reader, plan, now),
    }));
    const own = await vault.reading(() => readDrills(vault.reader, plan, now));
    const drills = joinDrills(Object.fromEntries(own), other.found?.drills, 'newest first');
    const restored = await vault.reading(() => readRestores(vault.reader, plan, now));
    const all = joinRestores(restored, other.found?.restores ?? [], from);
    const notes = other.found ? [] : [other.note];
    const restores = all.filter(({ asset }) => assets.some(({ id: known }) => known === asset));
    const compared = assets.flatMap((asset) => compareObjectives(asset, drills[asset.id] ?? []));
    const { diff, problems, isWritten } = propose(context, compared, { write, acceptedBy });
    const isRefused = write && problems.length > 0;
    const isOpen = compared.some(({ verdict }) => verdict === 'missed' || verdict === 'unaccepted');
    return {
      data: { system: plan.system, from, objectives: compared, restores, diff, written: isWritten, problems, notes },
      text: (paint) =>
        [
          render(compared, restores, { file: context.planFile(), diff, isWritten, isRefused, acceptedBy, problems, write }, paint),
          ...notes.map((note) => paint('yellow', note)),
        ].join('\n'),
      exit: isRefused || (isOpen && !(write && acceptedBy !== undefined)) ? 'ProblemsFound' : undefined,
    };
  },
});

type Wish = { write: boolean; acceptedBy: string | undefined };

/** @returns problems: what the plan would contradict itself in, such as a tier that promises less; such a plan is not written */
function propose(context: Context, compared: readonly ComparedObjective[], { write, acceptedBy }: Wish) {
  const file = context.planFile();
  const { workingDirectory } = context.frame;
  const now = context.frame.now();
  const text = readPlanText(file, workingDirectory);
  const missed = compared.flatMap(({ asset, objective, proposed, measured: [newest] }) =>
    proposed === undefined || newest === undefined ? [] : [{ asset, objective, proposed, seconds: newest.seconds, drill: newest.run }],
  );
  const acceptance = acceptedBy === undefined ? undefined : { by: acceptedBy, at: now.toISOString() };
  const shown = compared.map(({ asset }) => asset);
  const changed = proposeObjectives(text, context.plan(), shown, missed, acceptance);
  const before = new Set(errorsOf(context.plan(), now).map(sayProblem));
  const problems = errorsOf(parsePlan(changed, file), now).filter((problem) => !before.has(sayProblem(problem)));
  const isWritten = write && changed !== text && problems.length === 0;
  if (isWritten) writeFileSync(resolve(workingDirectory, file), changed);
  return { diff: unifiedDiff(text, changed, file), problems, isWritten };
}

const errorsOf = (plan: ProtectionPlan, now: Date): Finding[] => checkPlan(plan, now).filter(({ severity }) => severity === 'error');
/** A warning may stand at the same place as an error, and one error be another than before. */
const sayProblem = ({ path, problem }: Finding): string => `${path}: ${problem}`;

type Proposal = {
  file: string;
  diff: string;
  isWritten: boolean;
  isRefused: boolean;
  write: boolean;
  acceptedBy: string | undefined;
  problems: readonly Finding[];
};

function render(
  compared: readonly ComparedObjective[],
  restores: readonly MeasuredRestore[],
  { file, diff, isWritten, isRefused, acceptedBy, problems, write }: Proposal,
  paint: Paint,
): string {
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
    ...renderRestores(compared, restores, paint),
    ...compared.flatMap(({ asset, measured: [newest] }) =>
      newest && newest.people > 0
        ? [
            `With the ${secondsText(newest.people)} that people take, as the plan states it, a recovery of ${asset} takes ${secondsText(Math.round(newest.seconds + newest.people))}; no drill measures that`,
          ]
        : [],
    ),
    ...missed.map(
      ({ asset, objective }) =>
        `${asset} missed its ${objective.toUpperCase()}: make it faster, or let the plan say what was measured, with a quarter to spare`,
    ),
    ...(diff === '' ? [] : [paintDiff(diff, paint)]),
    ...problems.map((problem) => paint('red', renderFinding(problem))),
    ...next(compared, { isWritten, isRefused, isProposed: diff !== '', isAccepted: acceptedBy !== undefined, isWished: write }, file),
  ].join('\n\n');
}

function next(
  compared: readonly ComparedObjective[],
  done: { isWritten: boolean; isRefused: boolean; isProposed: boolean; isAccepted: boolean; isWished: boolean },
  file: string,
): string[] {
  if (done.isRefused) return ['Nothing was written: such a plan cannot be deployed. Mend the plan first, by what stands after each arrow'];
  if (done.isWritten && done.isAccepted) return [`Written into ${file}, and accepted: commit it, and deploy`];
  if (done.isWritten) return [`Written into ${file}: amber until the owner accepts it with --write --accepted-by <who>`];
  if (done.isProposed) return ['Apply it with --write; with --accepted-by <who> it is accepted as well'];
  const isUnaccepted = !done.isAccepted && compared.some(({ verdict }) => verdict === 'unaccepted');
  return [
    ...(done.isWished ? ['Nothing was written: the plan says all of what was measured already'] : []),
    ...(isUnaccepted ? ['Accept what was measured with --write --accepted-by <who>'] : []),
  ];
}

const paintDiff = (diff: string, paint: Paint): string =>
  diff
    .trimEnd()
    .split('\n')
    .map((line) => (/^-(?!--)/.test(line) ? paint('red', line) : /^\+(?!\+\+)/.test(line) ? paint('green', line) : line))
    .join('\n');
