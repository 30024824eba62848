import { decideRetention, surveyPoints } from './decide.ts';
import type { PointState } from './point-state.ts';
import type { RetentionPolicy } from './policy.ts';

/**
 * The points whose records decide: those that would expire by what the listing tells, those whose being good or proven lets them, and
 * whatever expires those that a drill makes the plan keep and lock: a drill that failed leaves the same name as one that passed.
 * The listing is taken at its best for expiry: no point locked or held, each drill passed. What reading turns up may name others.
 */
export function selectCandidates(points: readonly PointState[], policy: RetentionPolicy, now: Date): Set<string> {
  const { newestGood, last, proven, windows } = surveyPoints(points, policy, now);
  const expiring = new Set(decideRetention(points, policy, now).flatMap(({ action, point }) => (action === 'expire' ? [point] : [])));
  const candidates = new Set([...expiring, ...[...proven].map(({ point }) => point)]);
  if (expiring.size === 0) return candidates;
  // Age is counted from the one, and the others are why another one may go: were they not good, it would stay in their place.
  for (const point of [...(newestGood ? [newestGood] : []), ...last]) candidates.add(point.point);
  for (const point of points) {
    if (!expiring.has(point.point)) continue;
    for (const { firstBeside } of windows) {
      const first = firstBeside(point);
      if (first) candidates.add(first.point);
    }
  }
  return candidates;
}
