import type { z } from 'zod';
import { findCopy, listCopies } from '../../adapters/vault/find-copy.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { CopyEnvironment, CopyPointRequest, type CopyPlan } from '../../core/backup/contract.ts';
import { reusableParts } from '../../core/copy/decide-resume.ts';
import { isCopiedWhole, partBytesFor, planBatches, type PendingObject } from '../../core/copy/plan-batches.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { handle } from '../edge.ts';
import { connectCopy, type CopyPorts } from './ports.ts';

/** Objects that are looked at at once: a point may have thousands. */
const OBJECTS_AT_ONCE = 16;

/** What is left to copy of a point. An upload that an earlier run left is taken up where it stopped. */
export async function planCopy(request: z.output<typeof CopyPointRequest>, ports: CopyPorts): Promise<z.output<typeof CopyPlan>> {
  const { system, asset, point } = request;
  const { manifest } = await readManifest(ports.vault, request);
  const copies = await listCopies(ports.replica, pointDataPrefix(system, asset, point));
  const listed = [...manifest.objects.entries()];
  const pending = await mapSeveralAtOnce(listed, OBJECTS_AT_ONCE, async ([index, object]) => {
    const { versionId } = await findCopy(ports.replica, object, copies.get(object.key) ?? []);
    return versionId === undefined ? findPending(object, index, ports) : undefined;
  });
  const { parts, whole } = planBatches(
    pending.filter((object) => object !== undefined),
    ports.sizes,
  );
  return { batches: [...parts, ...whole.map((objects) => ({ system, asset, point, objects }))] };
}

async function findPending(object: StoredObject, index: number, { copier, sizes }: CopyPorts): Promise<PendingObject> {
  const { key, versionId, sizeBytes, crc } = object;
  const named = { index, key, versionId, sizeBytes };
  if (isCopiedWhole(sizeBytes, sizes)) return { ...named, copiedParts: new Set() };

  const { uploadId, copiedParts } = (await resumeUpload(object, { copier, sizes })) ?? {
    ...(await copier.startUpload(key, crc.algorithm)),
    copiedParts: new Set<number>(),
  };
  return { ...named, uploadId, copiedParts };
}

/** The newest upload that can be gone on with; the others are aborted. */
async function resumeUpload({ key, sizeBytes }: StoredObject, { copier, sizes }: Pick<CopyPorts, 'copier' | 'sizes'>) {
  let resumed: { uploadId: string; copiedParts: Set<number> } | undefined;
  for (const uploadId of (await copier.listUploads(key)).toReversed()) {
    const parts = resumed ? undefined : await copier.listParts(key, uploadId);
    const copiedParts = parts && reusableParts(parts, { sizeBytes, partBytes: partBytesFor(sizeBytes, sizes) });
    if (copiedParts) resumed = { uploadId, copiedParts };
    else await copier.abortUpload(key, uploadId);
  }
  return resumed;
}

export const handler = handle({ environment: CopyEnvironment, request: CopyPointRequest, connect: connectCopy, run: planCopy });
