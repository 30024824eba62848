import { longestLock, type Lock } from '../lock/longest-lock.ts';
import { pointLockEnd, type LockTerm } from '../lock/lock-terms.ts';
import { selectLocks, type WantedLock } from '../lock/select-locks.ts';
import type { PointState } from '../retention/point-state.ts';
import type { RetentionPolicy } from '../retention/policy.ts';
import type { Fact, LockedFact } from '../vault/facts.ts';

/** Locks are made longer once a day: one that has become due since the run before the last is not missed yet. */
const GRACE_MILLISECONDS = 2 * 86_400_000;

/** The locks that the last runs of retention must have seen to, by point: those that were wanted two days ago. */
export function selectDueLocks(points: readonly PointState[], policy: RetentionPolicy, term: LockTerm, now: Date): Map<string, WantedLock> {
  const wanted = selectLocks(points, policy, term, new Date(now.getTime() - GRACE_MILLISECONDS));
  return new Map(wanted.map((lock) => [lock.point, lock]));
}

/**
 * The lock that everything of a point must have: what its facts say, or what the plan has come to ask of it where that is longer. How
 * long the plan locked it at its commit, the facts tell: of a point without one it is what the plan says now. Undefined once all of
 * it is over: nothing more needs to hold.
 * @param due what the plan keeps the point for has it locked so long
 */
export function expectedLock(
  manifest: { finishedAt: string },
  facts: readonly Fact[],
  term: LockTerm,
  due: WantedLock | undefined,
  now: Date,
): Lock | undefined {
  const said = facts.filter((fact): fact is LockedFact => fact.kind === 'locked');
  const first = said.length > 0 ? said : [{ mode: term.mode, until: pointLockEnd(manifest, term) }];
  const lock = longestLock([...first, ...(due && !isJustProven(facts, now) ? [{ mode: term.mode, until: due.atLeast }] : [])]);
  return lock && lock.until > now ? lock : undefined;
}

/** What it is kept for may be that drill alone. */
const isJustProven = (facts: readonly Fact[], now: Date) =>
  facts.some((fact) => fact.kind === 'drilled' && fact.outcome === 'passed' && now.getTime() - Date.parse(fact.at) < GRACE_MILLISECONDS);
