import { CopyDiffers, CopyNotLocked } from '../../core/copy/errors.ts';
import type { Lock } from '../../core/lock/longest-lock.ts';
import type { Crc, ObjectReader } from '../../core/ports/object-store.ts';

export type ExpectedCopy = { key: string; versionId: string; sizeBytes: number; crc?: Crc | undefined };

/**
 * Asks the replica what it holds, last of all: version, size, CRC where it keeps one of the same kind, and how long it is locked.
 * Before it has said so, nothing there counts as replicated. Throws CopyDiffers, CopyNotLocked.
 */
export async function readBackCopy(replica: ObjectReader, copy: ExpectedCopy, lock: Lock | undefined, now: Date): Promise<void> {
  const { key, versionId, sizeBytes, crc } = copy;
  const where = `s3://${replica.bucket}/${key} (version ${versionId})`;
  const head = await replica.head({ key, versionId });
  if (!head) throw new CopyDiffers(where, 'it is gone');
  if (head.sizeBytes !== sizeBytes) throw new CopyDiffers(where, `${head.sizeBytes} bytes, not ${sizeBytes}`);
  if (crc && head.crc?.algorithm === crc.algorithm && head.crc.value !== crc.value)
    throw new CopyDiffers(where, `${crc.algorithm} ${head.crc.value}, not ${crc.value}`);
  // S3 takes no lock of the past: a point may outlive its own.
  if (!lock || lock.until <= now) return;
  if (head.lockedUntil === undefined || head.lockedUntil < lock.until)
    throw new CopyNotLocked(where, `locked until ${head.lockedUntil?.toISOString() ?? 'never'}, not ${lock.until.toISOString()}`);
  if (lock.mode === 'compliance' && head.lockMode !== 'compliance')
    throw new CopyNotLocked(where, `locked in ${head.lockMode ?? 'no'} mode, not in compliance mode`);
}
