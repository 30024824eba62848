import type { z } from 'zod';
import { findCopy, listCopies } from '../../adapters/vault/find-copy.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { CopyEnvironment, CopyPointRequest, type CopyPlan } from '../../core/backup/contract.ts';
import { isCopiedInBatches, planBatches, type PendingObject } from '../../core/copy/plan-batches.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { handle } from '../edge.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { resumeUpload } from './resume-upload.ts';

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
  const { parts, objects } = planBatches(
    pending.filter((object) => object !== undefined),
    ports.sizes,
  );
  return { batches: [...parts, ...objects.map((places) => ({ system, asset, point, objects: places }))] };
}

async function findPending(object: StoredObject, index: number, ports: CopyPorts): Promise<PendingObject> {
  const { key, versionId, sizeBytes } = object;
  const upload = isCopiedInBatches(sizeBytes, ports.sizes) ? await resumeUpload(object, ports) : { copiedParts: new Set<number>() };
  return { index, key, versionId, sizeBytes, ...upload };
}

export const handler = handle({ environment: CopyEnvironment, request: CopyPointRequest, connect: connectCopy, run: planCopy });
