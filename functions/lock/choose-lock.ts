import { storedVersions, type PointName } from '../../adapters/vault/read-records.ts';
import { longestLock, type Lock } from '../../core/lock/longest-lock.ts';
import { evidenceLockEnd, type LockTerm } from '../../core/lock/lock-terms.ts';
import type { ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import type { LockedFact } from '../../core/vault/facts.ts';
import { pointPrefix } from '../../core/vault/keys.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';
import { factKind, readFact } from '../../core/vault/read-point.ts';

export type LockRules = { vault: ObjectReader; evidence: LockTerm; now: () => Date };

/**
 * What stands beside a point goes when the point goes, and is locked as long as the point says that it is; everything else is
 * evidence. Undefined beside a point that nobody has locked yet: whoever does locks all of it.
 */
export async function chooseLock(key: string, { vault, evidence, now }: LockRules): Promise<Lock | undefined> {
  const owner = pointOfKey(key);
  return owner ? readPointLock(vault, owner) : { mode: evidence.mode, until: evidenceLockEnd(now(), evidence) };
}

/** The lock that a point has by its own facts, of which the longest holds. */
export async function readPointLock(vault: ObjectReader, { system, asset, point }: PointName): Promise<Lock | undefined> {
  const folder = await storedVersions(vault, pointPrefix(system, asset, point));
  // S3 lists the versions of a key newest first, and of a record the oldest counts.
  const oldest = new Map(folder.map((version) => [version.key, version]));
  const locked = [...oldest.values()].filter(({ key }) => factKind(key.split('/').at(-1) ?? '') === 'locked');
  const facts = await Promise.all(locked.map((version) => readFact(vault, version)));
  return longestLock(facts.filter((fact): fact is LockedFact => fact.kind === 'locked'));
}

/** A point may outlive its lock, and still be drilled: what is written beside it then is not locked, for S3 takes no lock of the past. */
export async function applyLock(
  locker: ObjectLocker,
  { key, versionId }: { key: string; versionId: string },
  lock: Lock | undefined,
  now: Date,
) {
  if (lock && lock.until > now) await locker.lockUntil({ key, versionId }, lock.mode, lock.until);
}
