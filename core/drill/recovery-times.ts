import type { DrillEvidence, DrillResult } from './contract.ts';
import { StatedTimes } from './stated-times.ts';

type Phase = DrillResult['phases'][number]['name'];
const RETRIEVAL: readonly Phase[] = ['retrieve'];
const RESTORE: readonly Phase[] = ['check-bytes', 'start-database', 'restore'];
const VALIDATION: readonly Phase[] = ['checks', 'keys', 'application'];

/**
 * A drill's phases as parts of a recovery. Removing the database is none.
 * @param retrievalSeconds from cold storage, before the runner began
 */
export function recoveryTimes({ phases }: Pick<DrillResult, 'phases'>, retrievalSeconds = 0): NonNullable<DrillEvidence['times']> {
  const sum = (names: readonly Phase[]) =>
    phases.filter(({ name }) => names.includes(name)).reduce((total, { seconds }) => total + seconds, 0);
  return { retrievalSeconds: retrievalSeconds + sum(RETRIEVAL), restoreSeconds: sum(RESTORE), validationSeconds: sum(VALIDATION) };
}

/**
 * What was measured beside what the plan states, and which parts are the plan's. How late the damage of a scenario is noticed is no
 * part of it: that says which data is left, and is told as what is lost.
 */
export function recordTimes(
  result: Pick<DrillResult, 'phases' | 'stated'>,
  retrievalSeconds?: number,
): Pick<DrillEvidence, 'times' | 'stated'> {
  const measured = recoveryTimes(result, retrievalSeconds);
  const { validationSeconds = 0, ...stated }: StatedTimes = result.stated ?? {};
  const counted = validationSeconds > (measured.validationSeconds ?? 0) ? { ...stated, validationSeconds } : stated;
  const names = StatedTimes.keyof().options.filter((name) => counted[name as keyof typeof counted] !== undefined);
  return { times: { ...measured, ...counted }, ...(names.length > 0 ? { stated: names } : {}) };
}

/** How long its checks took, beside which people look at the restored system; undefined where nothing was measured of it. */
export const checkedSeconds = ({ result }: Pick<DrillEvidence, 'result'>): number | undefined =>
  result && recoveryTimes(result).validationSeconds;
