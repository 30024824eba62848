import { FAILURES, type FailureName } from '../failure/classes.ts';
import { describeSeconds } from '../plan/durations.ts';
import { plural } from '../quantities.ts';
import type { DrillEvidence, DrillResult, Objectives } from './contract.ts';
import { tellsRpo, type PointTaken } from './measured-rpo.ts';
import { checkedSeconds } from './recovery-times.ts';

export type TaskFailure = { failure: FailureName; detail: string };

export type Verdict = {
  outcome: 'passed' | 'failed' | 'could-not-run';
  reasons: string[];
  measured: DrillEvidence['measured'];
};

/** Classes that say something of the point itself. Every other one says that nobody found out: never a pass, and no failure either. */
const POINT_IS_BAD: readonly FailureName[] = ['PointDamaged', 'RestoreFailed', 'CheckFailed', 'KeyNotRecoverable'];

/**
 * Passed only when the runner ran to its end and found nothing wrong. Failed when it found something, in its checks or by the class
 * of its failure. Everything else could not run.
 * @param parts.result what the runner measured; absent when it did not come so far
 * @param parts.retrievalSeconds until its data could be read, before the runner began: a part of the recovery
 * @param parts.failure why the task or the choice of a point failed
 * @param parts.taken which of the points it was
 */
export function judgeDrill(parts: {
  result: DrillResult | undefined;
  failure: TaskFailure | undefined;
  reason: string | undefined;
  retrievalSeconds?: number | undefined;
  objectives: Objectives;
  taken?: PointTaken;
}): Verdict {
  const { result, failure, reason, objectives, taken = {} } = parts;
  const measured = measure(result, parts.retrievalSeconds ?? 0, taken);
  const failedChecks = result?.checks.filter((check) => check.outcome === 'failed') ?? [];
  const why = failure ? [`${FAILURES[failure.failure].what}: ${failure.detail}`] : [];
  if (failedChecks.length > 0) return { outcome: 'failed', reasons: failedChecks.map(describeCheck), measured };
  if (failure && POINT_IS_BAD.includes(failure.failure)) return { outcome: 'failed', reasons: why, measured };
  if (failure) return { outcome: 'could-not-run', reasons: why, measured };
  if (!result) return { outcome: 'could-not-run', reasons: [reason ?? 'The runner left no result'], measured };
  // Nothing was checked is not everything was right.
  if (!result.checks.some((check) => check.kind === 'restore'))
    return { outcome: 'could-not-run', reasons: ['The result says of no restore'], measured };
  return {
    outcome: 'passed',
    reasons: [
      result.checks.length === 1 ? 'The check passed' : `All ${plural(result.checks.length, 'check')} passed`,
      ...compareWith(measured, objectives),
      ...withPeople(measured, result, objectives),
      ...result.notes,
    ],
    measured,
  };
}

const describeCheck = ({ name, expected, measured }: DrillResult['checks'][number]) =>
  `${name}: expected ${expected}, measured ${measured}`;

/** Removing the database afterwards is no part of a recovery. A restore that did not end has no recovery time. */
function measure(result: DrillResult | undefined, retrievalSeconds: number, taken: PointTaken): Verdict['measured'] {
  const target = result?.serverVersion ? `ephemeral PostgreSQL ${result.serverVersion}, restored from the ${result.from}` : 'none';
  const retrieved = retrievalSeconds > 0 ? { retrievalSeconds } : {};
  if (!result) return { ...retrieved, target };
  const startedMs = Date.parse(result.startedAt) - retrievalSeconds * 1000;
  const consistentMs = Date.parse(result.consistentAt);
  const ageSeconds = Math.max(0, (startedMs - consistentMs) / 1000);
  const age = {
    ...(tellsRpo(taken) ? { rpoSeconds: ageSeconds } : { dataAgeSeconds: ageSeconds }),
    ...(taken.damagedAt === undefined ? {} : { lossSeconds: Math.max(0, (Date.parse(taken.damagedAt) - consistentMs) / 1000) }),
  };
  const isRestored = result.checks.some((check) => check.kind === 'restore' && check.outcome === 'passed');
  if (!isRestored) return { ...age, ...retrieved, target };
  const seconds = result.phases.filter((phase) => phase.name !== 'remove').reduce((sum, phase) => sum + phase.seconds, retrievalSeconds);
  return { ...age, rtoSeconds: Math.round(seconds * 1000) / 1000, ...retrieved, target };
}

/** A measured objective that is missed shows in the colour of the asset; the drill itself has passed. */
function compareWith(measured: Verdict['measured'], objectives: Objectives): string[] {
  const { rpoSeconds = 0, rtoSeconds = 0, lossSeconds } = measured;
  return [
    ...(rtoSeconds > objectives.rtoSeconds
      ? [`Measured RTO ${Math.ceil(rtoSeconds)} s is over the objective of ${objectives.rtoSeconds} s`]
      : []),
    ...(rpoSeconds > objectives.rpoSeconds
      ? [`Measured RPO ${Math.ceil(rpoSeconds)} s is over the objective of ${objectives.rpoSeconds} s`]
      : []),
    ...(lossSeconds === undefined
      ? []
      : [
          `Of what was there before the damage, the last ${describeSeconds(lossSeconds)} are lost: ${lossSeconds > objectives.rpoSeconds ? 'over' : 'within'} the RPO of ${describeSeconds(objectives.rpoSeconds)}`,
        ]),
  ];
}

/** The recovery of a drill is over when it is checked, that of a loss when people have done what is theirs. */
function withPeople({ rtoSeconds }: Verdict['measured'], result: DrillResult, objectives: Objectives): string[] {
  const { detectionSeconds = 0, approvalSeconds = 0, validationSeconds = 0, followUpSeconds = 0 } = result.stated ?? {};
  const longerSeconds = Math.max(0, validationSeconds - (checkedSeconds({ result }) ?? 0));
  const people = detectionSeconds + approvalSeconds + longerSeconds + followUpSeconds;
  if (rtoSeconds === undefined || people === 0) return [];
  const total = rtoSeconds + people;
  const parts = [
    ...(detectionSeconds > 0 ? [`detection ${describeSeconds(detectionSeconds)}`] : []),
    ...(approvalSeconds > 0 ? [`approval ${describeSeconds(approvalSeconds)}`] : []),
    ...(longerSeconds > 0 ? [`validation ${describeSeconds(longerSeconds)} longer than the checks`] : []),
    ...(followUpSeconds > 0 ? [`follow-ups ${describeSeconds(followUpSeconds)}`] : []),
  ].join(', ');
  return [
    `With what the plan states of people (${parts}; not measured) a recovery takes ${describeSeconds(total)}: ${compareRto(total, objectives)}`,
  ];
}

function compareRto(totalSeconds: number, { rtoSeconds, gapRtoSeconds }: Objectives): string {
  const isOver = totalSeconds > rtoSeconds;
  const rto = `${isOver ? 'over' : 'within'} the RTO of ${describeSeconds(rtoSeconds)}`;
  if (!isOver || gapRtoSeconds === undefined) return rto;
  const allowed = `the ${describeSeconds(gapRtoSeconds)} that a declared gap allows`;
  return totalSeconds > gapRtoSeconds ? `${rto} and ${allowed}` : `${rto}, within ${allowed}`;
}
