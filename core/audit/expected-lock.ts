import { longestLock, type Lock } from '../lock/longest-lock.ts';
import { pointLockEnd, type LockTerm } from '../lock/lock-terms.ts';
import type { Fact, LockedFact } from '../vault/facts.ts';

/**
 * The lock that everything of a point must have: the plan's, from the commit, or what its facts say where that is longer. Undefined
 * once it is over: nothing more needs to hold.
 */
export function expectedLock(manifest: { finishedAt: string }, facts: readonly Fact[], term: LockTerm, now: Date): Lock | undefined {
  const said = facts.filter((fact): fact is LockedFact => fact.kind === 'locked');
  const lock = longestLock([{ mode: term.mode, until: pointLockEnd(manifest, term) }, ...said]);
  return lock && lock.until > now ? lock : undefined;
}
