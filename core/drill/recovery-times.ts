import type { DrillEvidence, DrillResult } from './contract.ts';
import type { StatedTimes } from './stated-times.ts';

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

/** What the plan states beside what was measured; how late a scenario is noticed stands for what is expected of any loss. */
export const statedOf = (
  { startedAt, damagedAt }: Pick<DrillEvidence, 'startedAt' | 'damagedAt'>,
  result: Pick<DrillResult, 'stated'> | undefined,
): StatedTimes => ({
  ...result?.stated,
  ...(damagedAt === undefined ? {} : { detectionSeconds: (Date.parse(startedAt) - Date.parse(damagedAt)) / 1000 }),
});

/** How long its checks took, beside which people look at the restored system; undefined where nothing was measured of it. */
export const checkedSeconds = ({ result }: Pick<DrillEvidence, 'result'>): number | undefined =>
  result && recoveryTimes(result).validationSeconds;
