import type { z } from 'zod';
import { findCopy, listCopies } from '../../adapters/vault/find-copy.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { CompleteCopyRequest, CopyEnvironment } from '../../core/backup/contract.ts';
import { isUploadWhole } from '../../core/copy/decide-resume.ts';
import { CopyDiffers, CopyIncomplete } from '../../core/copy/errors.ts';
import { isCopiedWhole, partBytesFor } from '../../core/copy/plan-batches.ts';
import { BytesDiffer } from '../../core/ports/object-errors.ts';
import type { ListedVersion } from '../../core/ports/object-store.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import type { ReplicatedFact } from '../../core/vault/facts.ts';
import { factKey, pointDataPrefix } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { handle } from '../edge.ts';
import { applyLock } from '../lock/choose-lock.ts';
import { lockOfData } from './choose-copy-lock.ts';
import { copyRecord } from './copy-record.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { readBackCopy } from './read-back.ts';

/** Objects that are completed, compared, locked and read back at once: a point may have thousands. As many as there are connections. */
const OBJECTS_AT_ONCE = 48;

export type CompleteAnswer = { objects: number; lockedUntil: string };

/**
 * Ends the uploads, compares every copy with the manifest, locks the copies, reads all of that back, and only then says that the point is replicated: in the
 * replica, which has the manifest by then, and in the vault.
 */
export async function completeCopy(request: z.output<typeof CompleteCopyRequest>, ports: CopyPorts): Promise<CompleteAnswer> {
  const { vault, replica, replicaRegion, now } = ports;
  const { system, asset, point, run } = request;
  const [stored, lock] = [await readManifest(vault, request), await lockOfData(request, ports)];

  const copies = await listCopies(replica, pointDataPrefix(system, asset, point));
  const objects = await mapSeveralAtOnce(stored.manifest.objects, OBJECTS_AT_ONCE, async (object) => {
    const { key, sizeBytes, crc } = object;
    const versionId = await completeObject(object, copies.get(key), ports);
    await applyLock(replica, { key, versionId }, lock, now());
    await readBackCopy(replica, { key, versionId, sizeBytes, crc }, lock, now());
    return { key, versionId, sizeBytes, crc };
  });
  await copyRecord(stored.key, lock, ports);

  const fact: ReplicatedFact = {
    format: 'holdfast/fact/v1',
    kind: 'replicated',
    system,
    asset,
    point,
    id: run,
    at: now().toISOString(),
    bucket: replica.bucket,
    region: replicaRegion,
    lockedUntil: lock.until.toISOString(),
    objects,
  };
  const { key } = await putSameOnce(vault, factKey(system, asset, point, 'replicated', run), JSON.stringify(fact));
  ports.publishLag({ system, asset }, (now().getTime() - Date.parse(stored.manifest.finishedAt)) / 1000);
  await copyRecord(key, lock, ports);
  return { objects: objects.length, lockedUntil: lock.until.toISOString() };
}

/** The version of the replica that is a true copy. Throws CopyIncomplete, CopyDiffers. */
async function completeObject(
  object: StoredObject,
  listed: ListedVersion[] | undefined,
  { replica, copier, sizes }: CopyPorts,
): Promise<string> {
  const where = `s3://${replica.bucket}/${object.key}`;
  const earlier = await findCopy(replica, object, listed);
  if (earlier.versionId !== undefined) return earlier.versionId;
  const { key, sizeBytes, crc } = object;
  const upload = isCopiedWhole(sizeBytes, sizes) ? undefined : await findWholeUpload(object, { copier, sizes });
  if (!upload) {
    if (earlier.differences.length > 0) throw new CopyDiffers(where, earlier.differences.join('; '));
    throw new CopyIncomplete(where, 'not all of its parts were copied');
  }
  try {
    await copier.completeUpload(key, upload.uploadId, upload.parts, { sizeBytes, crc });
  } catch (error) {
    // Its parts are of no use to a later run, which would otherwise take them up again.
    if (error instanceof BytesDiffer) await copier.abortUpload(key, upload.uploadId);
    throw error;
  }
  const { versionId, differences } = await findCopy(replica, object);
  if (versionId === undefined) throw new CopyDiffers(where, differences.join('; '));
  return versionId;
}

async function findWholeUpload({ key, sizeBytes }: StoredObject, { copier, sizes }: Pick<CopyPorts, 'copier' | 'sizes'>) {
  for (const uploadId of (await copier.listUploads(key)).toReversed()) {
    const parts = await copier.listParts(key, uploadId);
    if (parts && isUploadWhole(parts, { sizeBytes, partBytes: partBytesFor(sizeBytes, sizes) })) return { uploadId, parts };
  }
  return undefined;
}

export const handler = handle({ environment: CopyEnvironment, request: CompleteCopyRequest, connect: connectCopy, run: completeCopy });
