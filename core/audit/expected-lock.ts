import { longestLock, type Lock } from '../lock/longest-lock.ts';
import { pointLockEnd, type LockTerm } from '../lock/lock-terms.ts';
import { selectLocks, type WantedLock } from '../lock/select-locks.ts';
import type { PointState } from '../retention/point-state.ts';
import type { RetentionPolicy } from '../retention/policy.ts';
import type { Fact, LockedFact, ReplicatedFact } from '../vault/facts.ts';
import type { VaultSide } from '../vault/side.ts';

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
 * @param place.side whose objects are looked at, each by the facts that are about them
 * @param due what the plan keeps the point for has it locked so long
 */
export function expectedLock(
  manifest: { finishedAt: string },
  facts: readonly Fact[],
  term: LockTerm,
  due: WantedLock | undefined,
  { side, now }: { side: VaultSide; now: Date },
): Lock | undefined {
  const said = side === 'vault' ? lockedFacts(facts, side) : saidOfTheReplica(facts, term);
  const first = said.length > 0 ? said : [{ mode: term.mode, until: pointLockEnd(manifest, term) }];
  const lock = longestLock([...first, ...(due && !isJustProven(facts, now) ? [{ mode: term.mode, until: due.atLeast }] : [])]);
  return lock && lock.until > now ? lock : undefined;
}

const lockedFacts = (facts: readonly Fact[], side: VaultSide) =>
  facts.filter((fact): fact is LockedFact => fact.kind === 'locked' && (fact.from ?? 'vault') === side);

/**
 * A point is copied with the lock that it has then, which the fact of the copy tells. How the vault's own is made longer later says
 * nothing of the replica's objects: that vault decides by itself, half a day after, and what it does stands in facts of its own.
 */
function saidOfTheReplica(facts: readonly Fact[], term: LockTerm): { mode: Lock['mode']; until: Date | string }[] {
  const [ofVault, own] = [lockedFacts(facts, 'vault'), lockedFacts(facts, 'replica')];
  const copied = facts.filter((fact): fact is ReplicatedFact => fact.kind === 'replicated');
  if (copied.length === 0) return [...ofVault.toSorted((a, b) => (a.at < b.at ? -1 : 1)).slice(0, 1), ...own];
  const mode = longestLock(ofVault.filter(({ at }) => copied.some((copy) => at <= copy.at)))?.mode ?? term.mode;
  return [...copied.map(({ lockedUntil }) => ({ mode, until: lockedUntil })), ...own];
}

/** What it is kept for may be that drill alone. */
const isJustProven = (facts: readonly Fact[], now: Date) =>
  facts.some((fact) => fact.kind === 'drilled' && fact.outcome === 'passed' && now.getTime() - Date.parse(fact.at) < GRACE_MILLISECONDS);
