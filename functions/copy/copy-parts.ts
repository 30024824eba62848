import { findCopy, listCopies } from '../../adapters/vault/find-copy.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { CopyBatch, CopyEnvironment, type CopyObjects, type CopyPart } from '../../core/backup/contract.ts';
import { reusableParts } from '../../core/copy/decide-resume.ts';
import { isCopiedWhole, partBytesFor, partCount, partRange } from '../../core/copy/plan-batches.ts';
import type { Crc } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { handle } from '../edge.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { resumeUpload } from './resume-upload.ts';

/** Parts of one batch that are copied at once. */
const PARTS_AT_ONCE = 8;
/** Most objects are small: what they take is the turn to the other region and back. */
const OBJECTS_AT_ONCE = 16;

type Ports = Pick<CopyPorts, 'vault' | 'replica' | 'copier' | 'sizes'>;

/**
 * Copies one batch. What of it is there already is not copied again: a part would be paid for twice, and a second version of a whole
 * object would be kept as long as the first.
 */
export const copyParts = (batch: CopyBatch, ports: Ports): Promise<{ parts: number }> =>
  'objects' in batch ? copyObjects(batch, ports) : copyRange(batch, ports);

async function copyRange(batch: CopyPart, { copier }: Ports) {
  const { uploadId, firstPart, lastPart } = batch;
  const copied = reusableParts((await copier.listParts(batch.key, uploadId)) ?? [], batch) ?? new Set();
  const parts = Array.from({ length: lastPart - firstPart + 1 }, (_, i) => firstPart + i).filter((part) => !copied.has(part));
  await severalAtOnce(parts, PARTS_AT_ONCE, (partNumber) =>
    copier.copyPart(batch, { uploadId, partNumber, ...partRange(partNumber, batch) }),
  );
  return { parts: parts.length };
}

async function copyObjects(batch: CopyObjects, ports: Ports) {
  const { vault, replica, copier, sizes } = ports;
  const { manifest } = await readManifest(vault, batch);
  const objects = batch.objects.flatMap(([first, last]) => manifest.objects.slice(first, last + 1));
  const copies = await listCopies(replica, pointDataPrefix(batch.system, batch.asset, batch.point));
  await severalAtOnce(objects, OBJECTS_AT_ONCE, async (object) => {
    const { versionId } = await findCopy(replica, object, copies.get(object.key) ?? []);
    if (versionId !== undefined) return;
    if (isCopiedWhole(object.sizeBytes, sizes)) await copier.copyWhole(object, WHOLE_COPY_CRC);
    else await copyUpload(object, ports);
  });
  return { parts: objects.length };
}

/** The parts of an object that has a batch for itself or shares it; the upload is ended with all the others. */
async function copyUpload(object: StoredObject, ports: Ports): Promise<void> {
  const { key, versionId, sizeBytes } = object;
  const partBytes = partBytesFor(sizeBytes, ports.sizes);
  const { uploadId, copiedParts } = await resumeUpload(object, ports);
  const missing = Array.from({ length: partCount(sizeBytes, partBytes) }, (_, i) => i + 1).filter((part) => !copiedParts.has(part));
  await severalAtOnce(missing, PARTS_AT_ONCE, (partNumber) =>
    ports.copier.copyPart({ key, versionId }, { uploadId, partNumber, ...partRange(partNumber, { sizeBytes, partBytes }) }),
  );
}

/** The same algorithm as the vault's own objects have, so that the two can be compared. */
const WHOLE_COPY_CRC: Crc['algorithm'] = 'CRC32';

export const handler = handle({ environment: CopyEnvironment, request: CopyBatch, connect: connectCopy, run: copyParts });
