import { reusableParts } from '../../core/copy/decide-resume.ts';
import { partBytesFor } from '../../core/copy/plan-batches.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import type { CopyPorts } from './ports.ts';

export type ResumedUpload = { uploadId: string; copiedParts: Set<number> };

/** The newest upload that can be gone on with, or a new one; the others are aborted. */
export async function resumeUpload(
  { key, sizeBytes, crc }: StoredObject,
  { copier, sizes }: Pick<CopyPorts, 'copier' | 'sizes'>,
): Promise<ResumedUpload> {
  let resumed: ResumedUpload | undefined;
  for (const uploadId of (await copier.listUploads(key)).toReversed()) {
    const parts = resumed ? undefined : await copier.listParts(key, uploadId);
    const copiedParts = parts && reusableParts(parts, { sizeBytes, partBytes: partBytesFor(sizeBytes, sizes) });
    if (copiedParts) resumed = { uploadId, copiedParts };
    else await copier.abortUpload(key, uploadId);
  }
  return resumed ?? { ...(await copier.startUpload(key, crc.algorithm)), copiedParts: new Set() };
}
