/** Which points are to be locked for longer than from their commit on, and until when. Pure. */
import { surveyPoints } from '../retention/decide.ts';
import { isGood, type PointState } from '../retention/point-state.ts';
import type { RetentionPolicy } from '../retention/policy.ts';
import type { LockTerm } from './lock-terms.ts';
import { FOREVER_LOCK_DAYS, FOREVER_RENEWAL_DAYS } from './longest-term.ts';

const MILLISECONDS_PER_DAY = 86_400_000;

/** `atLeast`: a lock that lasts so long is left as it is; a shorter one is extended to `until`. */
export type WantedLock = { point: string; until: Date; atLeast: Date };

/**
 * A good point that is the first of its hour, day, month or year is locked from then on until that window ends. What the plan keeps
 * however old it is has no such end: for ever is a long lock that is renewed once a year, and the newest good points and the proven
 * ones, which are all that is left when backups fail, have the plan's lock renewed in its last half. In the order of their names.
 */
export function selectLocks(points: readonly PointState[], policy: RetentionPolicy, term: LockTerm, now: Date): WantedLock[] {
  const { newestGood, last, proven, windows } = surveyPoints(points, policy, now);
  const inDays = (days: number) => new Date(Math.floor(now.getTime() / 1000) * 1000 + days * MILLISECONDS_PER_DAY);
  const renewed = (lockDays: number, renewalDays: number) => ({ until: inDays(lockDays), atLeast: inDays(renewalDays) });
  return points
    .filter((point) => isGood(point) && point.instant <= now)
    .flatMap((point) => {
      const wishes: Omit<WantedLock, 'point'>[] = [];
      if (policy.forever) wishes.push(renewed(FOREVER_LOCK_DAYS, FOREVER_RENEWAL_DAYS));
      for (const { seconds, firstBeside } of policy.forever ? [] : windows) {
        const until = new Date(point.instant.getTime() + seconds * 1000);
        if (firstBeside(point) === point) wishes.push({ until, atLeast: until });
      }
      if (point === newestGood || last.has(point) || proven.has(point)) wishes.push(renewed(term.lengthDays, term.lengthDays / 2));
      const latest = (which: 'until' | 'atLeast') => new Date(Math.max(...wishes.map((wish) => wish[which].getTime())));
      if (wishes.length === 0 || latest('until') <= now) return [];
      return [{ point: point.point, until: latest('until'), atLeast: latest('atLeast') }];
    })
    .toSorted((a, b) => (a.point < b.point ? -1 : 1));
}

type Locked = { lockedUntil?: Date | undefined; lockMode?: LockTerm['mode'] | undefined };

/** Whether a lock as S3 has it is too short, or weaker than the plan has come to ask. */
export const isLockDue = ({ atLeast }: WantedLock, { lockedUntil, lockMode }: Locked, term: LockTerm): boolean =>
  lockedUntil === undefined || lockedUntil < atLeast || (term.mode === 'compliance' && lockMode !== 'compliance');
