/**
 * Which points are kept and which expire, each with its reasons. Pure. Windows are counted back from the newest good point and not from
 * now: where runs fail, nothing new comes, and nothing old goes.
 */
import type { RetentionPolicy } from './policy.ts';

export type PointState = {
  point: string;
  /** Of its slot. */
  instant: Date;
  verified: boolean;
  proven: boolean;
  replicated: boolean;
  lockedUntil?: Date | undefined;
  holds: readonly string[];
  neededBy: readonly string[];
  /** A tombstone is there: what goes on is finished. */
  tombstoned: boolean;
  /** Why its records cannot be read. */
  unreadable?: string | undefined;
};

export type Reason =
  | { kind: 'hot' | 'monthly'; seconds: number }
  | { kind: 'newest-good' | 'not-replicated' | 'no-good-point' }
  | { kind: 'proven'; keepProven: number }
  | { kind: 'locked'; until: Date }
  | { kind: 'held'; holds: readonly string[] }
  | { kind: 'needed'; by: readonly string[] }
  | { kind: 'unreadable'; why: string }
  | { kind: 'no-window' }
  | { kind: 'tombstoned' };

export type Decision = { point: string; action: 'keep' | 'expire'; reasons: Reason[] };

const isGood = ({ verified, tombstoned, unreadable }: PointState) => verified && !tombstoned && unreadable === undefined;
const newestFirst = (points: readonly PointState[]) => points.toSorted((a, b) => (a.point < b.point ? 1 : -1));

export function decideRetention(points: readonly PointState[], policy: RetentionPolicy, now: Date): Decision[] {
  const windows = findWindows(points, policy, now);
  const good = newestFirst(points.filter(isGood));
  const proven = new Set(good.filter((point) => point.proven).slice(0, policy.keepProven));
  return newestFirst(points).map((point): Decision => {
    const keep: Reason[] = [];
    if (point.holds.length > 0) keep.push({ kind: 'held', holds: point.holds });
    if (point.lockedUntil && point.lockedUntil > now) keep.push({ kind: 'locked', until: point.lockedUntil });
    if (point.unreadable !== undefined) keep.push({ kind: 'unreadable', why: point.unreadable });
    if (point.tombstoned)
      return keep.length > 0
        ? { point: point.point, action: 'keep', reasons: keep }
        : { point: point.point, action: 'expire', reasons: [{ kind: 'tombstoned' }] };
    if (good.length === 0) keep.push({ kind: 'no-good-point' });
    if (point === good[0]) keep.push({ kind: 'newest-good' });
    keep.push(...(windows.get(point.point) ?? []));
    if (proven.has(point)) keep.push({ kind: 'proven', keepProven: policy.keepProven });
    if (point.neededBy.length > 0) keep.push({ kind: 'needed', by: point.neededBy });
    if (!point.replicated) keep.push({ kind: 'not-replicated' });
    return keep.length > 0
      ? { point: point.point, action: 'keep', reasons: keep }
      : { point: point.point, action: 'expire', reasons: [{ kind: 'no-window' }] };
  });
}

type Windowed = Pick<PointState, 'point' | 'instant' | 'verified' | 'tombstoned' | 'unreadable'>;

/** The windows that keep each point. What a listing alone tells is enough for it. */
export function findWindows(points: readonly Windowed[], policy: RetentionPolicy, now: Date): Map<string, Reason[]> {
  const good = points.filter((point) => isGood(point as PointState));
  const newest = Math.min(now.getTime(), Math.max(...good.map(({ instant }) => instant.getTime())));
  const monthOf = monthReader(policy.zone);
  const firsts = new Map<string, Windowed>();
  for (const point of good.toSorted((a, b) => a.instant.getTime() - b.instant.getTime())) {
    const month = monthOf(point.instant);
    if (!firsts.has(month)) firsts.set(month, point);
  }
  const first = new Set([...firsts.values()].map(({ point }) => point));
  return new Map(
    points.map(({ point, instant }) => {
      const ageSeconds = (newest - instant.getTime()) / 1000;
      const reasons: Reason[] = [];
      if (ageSeconds <= policy.hotSeconds) reasons.push({ kind: 'hot', seconds: policy.hotSeconds });
      if (policy.monthlySeconds !== undefined && first.has(point) && ageSeconds <= policy.monthlySeconds)
        reasons.push({ kind: 'monthly', seconds: policy.monthlySeconds });
      return [point, reasons];
    }),
  );
}

function monthReader(timeZone: string): (instant: Date) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' });
  return (instant) => format.format(instant);
}
