import type { DrillEvidence, DrillResult } from './contract.ts';

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
