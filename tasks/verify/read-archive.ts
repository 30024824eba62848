/**
 * The objects of a point as streams that fail, rather than end, when their bytes are not what the manifest says. The last bytes of
 * an object are given out only after its hash was right: nobody sees a whole object that is not the one that was written.
 */
import { createHash } from 'node:crypto';
import { addToCrc32, encodeCrc32 } from '../../adapters/s3/crc.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';

type Reads = Pick<ObjectReader, 'read' | 'head'>;

/** Throws PointDamaged. */
export async function* readStoredObject(reader: Reads, object: StoredObject): AsyncGenerator<Uint8Array> {
  await compareHead(reader, object);
  const sha256 = createHash('sha256');
  let crc = 0;
  let sizeBytes = 0;
  let last: Uint8Array | undefined;
  try {
    for await (const chunk of reader.read({ key: object.key, versionId: object.versionId })) {
      if (last !== undefined) yield last;
      sizeBytes += chunk.length;
      if (sizeBytes > object.sizeBytes) throw new PointDamaged(object.key, `more than the ${object.sizeBytes} bytes of the manifest`);
      sha256.update(chunk);
      if (object.crc.algorithm === 'CRC32') crc = addToCrc32(chunk, crc);
      last = chunk;
    }
  } catch (error) {
    if (error instanceof ObjectMissing) throw new PointDamaged(object.key, `version ${object.versionId} is gone`, { cause: error });
    throw error;
  }
  compare(object.key, 'size in bytes', sizeBytes, object.sizeBytes);
  compare(object.key, 'SHA-256', sha256.digest('hex'), object.sha256);
  if (object.crc.algorithm === 'CRC32') compare(object.key, 'CRC32', encodeCrc32(crc), object.crc.value);
  if (last !== undefined) yield last;
}

/** The dump's objects, in order, as the one archive that they were cut from. Throws PointDamaged. */
export async function* readArchive(reader: Reads, manifest: Manifest): AsyncGenerator<Uint8Array> {
  for (const object of archiveObjects(manifest)) yield* readStoredObject(reader, object);
}

export const archiveObjects = (manifest: Manifest): StoredObject[] => manifest.objects.filter((object) => object.role === 'dump');

export type CheckedBytes = { objects: number; bytes: number };

/**
 * Reads every byte of a point and keeps none: the check to make before anything is written to a database. Throws PointDamaged for
 * the first object that differs.
 */
export async function checkPointBytes(
  reader: Reads,
  manifest: Manifest,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<CheckedBytes> {
  let bytes = 0;
  for (const object of manifest.objects) {
    for await (const chunk of readStoredObject(reader, object)) {
      bytes += chunk.length;
      onBytes(chunk.length);
    }
  }
  return { objects: manifest.objects.length, bytes };
}

/** What the service keeps of the version. Where it keeps no full-object CRC there is nothing to compare: the bytes are read anyway. */
async function compareHead(reader: Reads, object: StoredObject): Promise<void> {
  const head = await reader.head({ key: object.key, versionId: object.versionId });
  if (head === undefined) throw new PointDamaged(object.key, `version ${object.versionId} is gone`);
  compare(object.key, 'size in bytes', head.sizeBytes, object.sizeBytes);
  if (head.crc?.algorithm === object.crc.algorithm)
    compare(object.key, `${head.crc.algorithm} as S3 keeps it`, head.crc.value, object.crc.value);
}

function compare(key: string, what: string, found: string | number, expected: string | number): void {
  if (found !== expected) throw new PointDamaged(key, `${what} is ${found}, and the manifest says ${expected}`);
}
