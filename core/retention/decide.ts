/**
 * Which points are kept and which expire, each with its reasons. Pure. Age is counted back from the newest good point and not from
 * now: where runs fail nothing new comes and nothing old goes, and a clock that is wrong expires nothing.
 */
import { compareAge, isGood, type PointState } from './point-state.ts';
import type { RetentionPolicy } from './policy.ts';
import { openWindows, type Window, type WindowName } from './windows.ts';

export type Reason =
  | { kind: 'hot' | WindowName; seconds: number }
  | { kind: 'forever' | 'newest-good' | 'not-replicated' | 'no-good-point' }
  | { kind: 'last'; keepLast: number }
  | { kind: 'proven'; keepProven: number }
  | { kind: 'locked'; until: Date }
  | { kind: 'held'; holds: readonly string[] }
  | { kind: 'needed'; by: readonly string[] }
  | { kind: 'unreadable'; why: string }
  // Of those that expire:
  | { kind: 'no-window'; ageSeconds: number }
  | { kind: 'never-verified' }
  | { kind: 'tombstoned' };

export type Decision = { point: string; action: 'keep' | 'expire'; reasons: Reason[] };

export type Survey = {
  /** Undefined when there is no good point yet. */
  newestGood: PointState | undefined;
  last: ReadonlySet<PointState>;
  proven: ReadonlySet<PointState>;
  windows: readonly Window[];
};

/** What is decided about all points together. A point that is dated ahead of now counts for none of it, and stays. */
export function surveyPoints(points: readonly PointState[], policy: RetentionPolicy, now: Date): Survey {
  const good = points.filter((point) => isGood(point) && point.instant <= now);
  const newestFirst = good.toSorted(compareAge).toReversed();
  return {
    newestGood: newestFirst[0],
    last: new Set(newestFirst.slice(0, policy.keepLast ?? 0)),
    proven: new Set(newestFirst.filter(({ proven }) => proven).slice(0, policy.keepProven)),
    windows: openWindows(good, policy),
  };
}

/** One decision for each point, newest first, whatever the order they are given in. */
export function decideRetention(points: readonly PointState[], policy: RetentionPolicy, now: Date): Decision[] {
  const survey = surveyPoints(points, policy, now);
  return points
    .toSorted(compareAge)
    .toReversed()
    .map((point) => decidePoint(point, survey, policy, now));
}

function decidePoint(point: PointState, survey: Survey, policy: RetentionPolicy, now: Date): Decision {
  // What went before may have taken the other facts along: of a point with a tombstone only this still counts.
  const obstacles = findObstacles(point, now);
  // Where no good point is left nothing goes at all, and nothing is gone on with.
  const merits: Reason[] = !point.tombstoned ? findMerits(point, survey, policy) : survey.newestGood ? [] : [{ kind: 'no-good-point' }];
  const keep = [...merits, ...obstacles];
  if (keep.length > 0) return { point: point.point, action: 'keep', reasons: keep };
  if (point.tombstoned) return { point: point.point, action: 'expire', reasons: [{ kind: 'tombstoned' }] };
  const reasons: Reason[] = [{ kind: 'no-window', ageSeconds: ageSeconds(point, survey) }];
  if (!point.verified) reasons.push({ kind: 'never-verified' });
  return { point: point.point, action: 'expire', reasons };
}

/** What the plan keeps it for. */
function findMerits(point: PointState, survey: Survey, policy: RetentionPolicy): Reason[] {
  const { newestGood, last, proven, windows } = survey;
  const reasons: Reason[] = [];
  if (policy.forever) reasons.push({ kind: 'forever' });
  if (!newestGood) reasons.push({ kind: 'no-good-point' });
  if (point === newestGood) reasons.push({ kind: 'newest-good' });
  const age = ageSeconds(point, survey);
  if (age < policy.hotSeconds) reasons.push({ kind: 'hot', seconds: policy.hotSeconds });
  for (const { name, seconds, firstBeside } of windows)
    if (age < seconds && firstBeside(point) === point) reasons.push({ kind: name, seconds });
  if (last.has(point)) reasons.push({ kind: 'last', keepLast: last.size });
  if (proven.has(point)) reasons.push({ kind: 'proven', keepProven: policy.keepProven });
  if (!point.replicated) reasons.push({ kind: 'not-replicated' });
  return reasons;
}

/** What keeps it whatever the plan says. */
function findObstacles({ holds, lockedUntil, neededBy, unreadable, falseTombstone }: PointState, now: Date): Reason[] {
  const reasons: Reason[] = [];
  if (holds.length > 0) reasons.push({ kind: 'held', holds });
  if (lockedUntil && lockedUntil > now) reasons.push({ kind: 'locked', until: lockedUntil });
  if (neededBy.length > 0) reasons.push({ kind: 'needed', by: neededBy });
  if (falseTombstone !== undefined) reasons.push({ kind: 'unreadable', why: falseTombstone });
  if (unreadable !== undefined) reasons.push({ kind: 'unreadable', why: unreadable });
  return reasons;
}

const ageSeconds = ({ instant }: PointState, { newestGood }: Survey): number =>
  newestGood ? (newestGood.instant.getTime() - instant.getTime()) / 1000 : 0;
