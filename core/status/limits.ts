import { describeSeconds, durationSeconds } from '../plan/durations.ts';
import type { Objective } from '../plan/objectives.ts';
import type { Duration } from '../plan/schema.ts';
import type { JudgedAsset } from './judged.ts';

/** How old something may be, or how long it may take, and in words where that comes from. */
export type Limit = { seconds: number; why: string };

const NAMES: Record<Objective, string> = { rpo: 'RPO', rto: 'RTO', drill: 'drill period' };

/**
 * The objective, or what a declared gap lets stand in for it where that is longer, and the time of one run when one is under way.
 * @param longestRun of the schedule that renews what is judged; absent for a measured time
 */
export function limitOf(asset: Pick<JudgedAsset, 'gaps'>, objective: Objective, stated: Duration, longestRun?: Duration): Limit {
  const gaps = asset.gaps.flatMap((gap) =>
    gap.objective === objective && gap.bound !== undefined ? [{ id: gap.id, bound: gap.bound }] : [],
  );
  const allowed = gaps.reduce<{ seconds: number; why: string }>(
    (longest, { id, bound }) => {
      const seconds = durationSeconds(bound);
      return seconds > longest.seconds ? { seconds, why: `by the declared gap${id ? ` ${id}` : ''}` } : longest;
    },
    { seconds: durationSeconds(stated), why: NAMES[objective] },
  );
  if (longestRun === undefined) return allowed;
  const runSeconds = durationSeconds(longestRun);
  return {
    seconds: allowed.seconds + runSeconds,
    why: `${describeSeconds(allowed.seconds)} ${allowed.why} and one run of ${describeSeconds(runSeconds)}`,
  };
}

/** A measured time against the objective. */
export const objectiveLimit = (asset: JudgedAsset, objective: 'rpo' | 'rto'): Limit =>
  limitOf(asset, objective, asset.objectives[objective]);
