import { readRecord, type PointName } from '../../adapters/vault/read-records.ts';
import { CopyNotLocked } from '../../core/copy/errors.ts';
import { slotOfClaim } from '../../core/copy/select-missing.ts';
import { parseJson } from '../../core/parse-json.ts';
import { Link } from '../../core/record/link.ts';
import { manifestKey } from '../../core/vault/keys.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';
import type { Lock } from '../../core/lock/longest-lock.ts';
import { chooseLock, readPointLock, type LockRules } from '../lock/choose-lock.ts';

/** As `chooseLock`, for records that stand elsewhere and are locked as long as the point that they are of: claims and links. */
export async function chooseCopyLock(key: string, rules: LockRules): Promise<Lock | undefined> {
  const [, system = '', asset = ''] = key.split('/');
  const point = pointOfKey(key) === undefined ? (slotOfClaim(key) ?? (await pointOfLink(key, rules))) : undefined;
  const manifest = point === undefined ? undefined : manifestKey(system, asset, point);
  // The link of a point that has expired stays, and is evidence of it.
  const isThere = manifest !== undefined && (await readRecord(rules.vault, manifest)) !== undefined;
  return chooseLock(isThere ? manifest : key, rules);
}

/** A point is copied once it is locked. Throws CopyNotLocked. */
export async function lockOfData(point: PointName, { vault }: Pick<LockRules, 'vault'>): Promise<Lock> {
  const lock = await readPointLock(vault, point);
  if (lock) return lock;
  throw new CopyNotLocked(
    `s3://${vault.bucket}/${manifestKey(point.system, point.asset, point.point)}`,
    'the point itself is not locked yet',
  );
}

async function pointOfLink(key: string, { vault }: LockRules): Promise<string | undefined> {
  if (!key.startsWith('chain/')) return undefined;
  const record = await readRecord(vault, key.replace(/\.dsse\.json$/, '.json'));
  const link = Link.safeParse(record && parseJson(record.body));
  return link.success ? link.data.point : undefined;
}
