import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { CopyDiffers } from '../../core/copy/errors.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { Lock } from '../../core/lock/longest-lock.ts';
import { applyLock } from '../lock/choose-lock.ts';
import type { CopyPorts } from './ports.ts';
import { readBackCopy } from './read-back.ts';

/** Copies one small record to the replica unless it is there, and locks it there. Throws CopyDiffers when another one is there. */
export async function copyRecord(
  key: string,
  lock: Lock | undefined,
  { vault, replica, now }: Pick<CopyPorts, 'vault' | 'replica' | 'now'>,
): Promise<void> {
  const record = await readRecord(vault, key);
  if (!record) throw new ObjectMissing(`s3://${vault.bucket}/${key}`);
  const copy = await putSameOnce(replica, key, record.body);
  if (Buffer.compare(copy.body, record.body) !== 0)
    throw new CopyDiffers(`s3://${replica.bucket}/${key}`, 'another record was written there before');
  await applyLock(replica, copy, lock, now());
  await readBackCopy(replica, { key, versionId: copy.versionId, sizeBytes: record.body.length }, lock, now());
}
