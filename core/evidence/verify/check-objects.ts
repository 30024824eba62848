/** The objects of a point: there, as large as the manifest says, and when it is asked for, byte for byte the same. */
import { createHash } from 'node:crypto';
import { ObjectMissing } from '../../ports/object-errors.ts';
import type { ListedVersion } from '../../ports/object-store.ts';
import type { ReplicatedFact } from '../../vault/facts.ts';
import { pointDataPrefix } from '../../vault/keys.ts';
import type { Manifest, StoredObject } from '../../vault/manifest.ts';
import type { CheckContext } from './context.ts';

export type DataCheck = {
  /** Everything below the point's folder of `data/`. */
  versions: readonly ListedVersion[];
  /** Whether every byte is read. */
  readsBytes: boolean;
  /** The replica has version ids of its own: its facts name them. */
  replicated: readonly ReplicatedFact[];
  /** Whether nothing but the manifest says anything of the point: in a replica its copies have no names yet. */
  isBareManifest: boolean;
};

/** @returns how many objects were found as they must be */
export async function checkObjects(context: CheckContext, manifest: Manifest, data: DataCheck): Promise<number> {
  const { system, asset, point } = manifest;
  const byKey = Map.groupBy(data.versions, ({ key }) => key);
  let good = 0;
  for (const object of manifest.objects) {
    context.signal.throwIfAborted();
    if (!object.key.startsWith(pointDataPrefix(system, asset, point)))
      context.report('object-missing', object.key, `the manifest of ${asset}/${point} names it, and it is of another point`);
    else if (await checkObject(context, point, object, { ...data, versions: byKey.get(object.key) ?? [] })) good++;
  }
  return good;
}

async function checkObject(context: CheckContext, point: string, object: StoredObject, data: DataCheck): Promise<boolean> {
  const { key, sizeBytes, sha256 } = object;
  const stored = data.versions.filter(({ isDeleteMarker }) => !isDeleteMarker);
  if (stored.length < data.versions.length)
    context.report('record-hidden', key, 'somebody deleted it, which leaves a delete marker and takes nothing away');
  const version = findVersion(context, object, { ...data, versions: stored });
  if (!version) {
    const text = stored.length === 0 ? 'it is not there' : 'the version that the manifest names is not there';
    if (data.isBareManifest && stored.length > 0) context.reportUnlessYoung('object-missing', key, point, text);
    else context.report('object-missing', key, text);
    return false;
  }
  if (version.sizeBytes !== sizeBytes) {
    context.report('object-differs', key, `it has ${version.sizeBytes} bytes, not ${sizeBytes}`);
    return false;
  }
  if (!data.readsBytes) return true;
  const found = await hashBytes(context, { key, versionId: version.versionId });
  if (found === undefined)
    context.report('object-missing', key, 'it is listed, and its bytes are not there: a download has them with --data');
  else if (found !== sha256) context.report('object-differs', key, `its SHA-256 is ${found}, not ${sha256}`);
  return found === sha256;
}

/** Undefined when there are none. */
async function hashBytes(context: CheckContext, ref: { key: string; versionId: string }): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of context.copy.reader.read(ref)) {
      context.signal.throwIfAborted();
      context.onRecord(chunk.length);
      hash.update(chunk);
    }
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

function findVersion(context: CheckContext, object: StoredObject, { versions, replicated }: DataCheck): ListedVersion | undefined {
  if (!context.copy.hasVersions) return versions[0];
  const ids = new Set(
    replicated.flatMap(({ objects }) => objects.filter(({ key }) => key === object.key).map(({ versionId }) => versionId)),
  );
  return versions.find(({ versionId }) => versionId === object.versionId || ids.has(versionId));
}
