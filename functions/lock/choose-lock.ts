import { readManifest } from '../../adapters/vault/read-records.ts';
import { evidenceLockEnd, lockTermOf, pointLockEnd, type LockTerm } from '../../core/lock/lock-terms.ts';
import type { ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';

export type LockRules = { vault: ObjectReader; locks: Record<string, LockTerm>; evidence: LockTerm; now: () => Date };
export type Lock = { term: LockTerm; until: Date };

const evidenceLock = ({ evidence, now }: LockRules): Lock => ({ term: evidence, until: evidenceLockEnd(now(), evidence) });

/** What stands beside a point goes when the point goes; everything else is evidence. */
export async function chooseLock(key: string, rules: LockRules): Promise<Lock> {
  const owner = pointOfKey(key);
  if (!owner) return evidenceLock(rules);
  const term = lockTermOf(rules.locks, owner.asset);
  const { manifest } = await readManifest(rules.vault, owner);
  return { term, until: pointLockEnd(manifest, term) };
}

/** A point may outlive its lock, and still be drilled: what is written beside it then is not locked, for S3 takes no lock of the past. */
export async function applyLock(
  locker: ObjectLocker,
  { key, versionId }: { key: string; versionId: string },
  { term, until }: Lock,
  now: Date,
) {
  if (until > now) await locker.lockUntil({ key, versionId }, term.mode, until);
}
