/**
 * The objects of a point as streams that fail, rather than end, when their bytes are not what the manifest says. The last bytes of
 * an object are given out only after its hash was right: nobody sees a whole object that is not the one that was written.
 */
import { createHash } from 'node:crypto';
import { addToCrc32, encodeCrc32 } from '../../adapters/s3/crc.ts';
import { BlocksUndecodable, decompressBlocks } from '../../core/archive/decompress-blocks.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';

type Reads = Pick<ObjectReader, 'read' | 'head'>;

/** Throws PointDamaged. */
export async function* readStoredObject(reader: Reads, object: StoredObject): AsyncGenerator<Uint8Array> {
  // What the service says of the object arrives while its bytes do.
  const headCompared = compareHead(reader, object);
  headCompared.catch(() => undefined);
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
  await headCompared;
  compare(object.key, 'size in bytes', sizeBytes, object.sizeBytes);
  compare(object.key, 'SHA-256', sha256.digest('hex'), object.sha256);
  if (object.crc.algorithm === 'CRC32') compare(object.key, 'CRC32', encodeCrc32(crc), object.crc.value);
  if (last !== undefined) yield last;
}

/**
 * The archive of pg_dump, in the one piece that it was cut from: as it was stored, so that the rest of a segmented point is compressed
 * as a whole. Throws PointDamaged.
 */
export async function* readArchive(reader: Reads, manifest: Manifest): AsyncGenerator<Uint8Array> {
  for (const object of archiveObjects(manifest)) yield* readStoredObject(reader, object);
}

export const archiveObjects = (manifest: Manifest): StoredObject[] =>
  manifest.objects.filter(({ role }) => role === 'dump' || role === 'rest');

/**
 * What was compressed in blocks: a segment, or the rest of a segmented point. Throws what `chunks` throws, and PointDamaged naming
 * `key`.
 * @param lending see decompressBlocks
 */
export async function* decompressStored(
  chunks: AsyncIterable<Uint8Array>,
  { dump: { compression } }: Manifest,
  key: string,
  lending: { isLent?: boolean } = {},
): AsyncGenerator<Uint8Array> {
  try {
    yield* compression === 'none' ? chunks : decompressBlocks(chunks, compression, lending);
  } catch (error) {
    if (error instanceof BlocksUndecodable) throw new PointDamaged(key, `${compression} could not decode it`, { cause: error });
    throw error;
  }
}

export type CheckedBytes = { objects: number; bytes: number };

/** Objects that are read at once where nothing says how many the machine carries. */
export const OBJECTS_AT_ONCE = 4;

/**
 * Reads every byte of a point and keeps none: the check to make before anything is written to a database. Throws PointDamaged for
 * the first object that is found to differ.
 */
export async function checkPointBytes(
  reader: Reads,
  manifest: Manifest,
  onBytes: (bytes: number) => void = () => undefined,
  objectsAtOnce: number = OBJECTS_AT_ONCE,
): Promise<CheckedBytes> {
  let bytes = 0;
  await severalAtOnce(manifest.objects, objectsAtOnce, async (object, stop) => {
    for await (const chunk of readStoredObject(reader, object)) {
      stop.throwIfAborted();
      bytes += chunk.length;
      onBytes(chunk.length);
    }
  });
  return { objects: manifest.objects.length, bytes };
}

/** What the service keeps of the version. Where it keeps no full-object CRC there is nothing to compare: the bytes are read anyway. */
export async function compareHead(reader: Reads, object: StoredObject): Promise<void> {
  const head = await reader.head({ key: object.key, versionId: object.versionId });
  if (head === undefined) throw new PointDamaged(object.key, `version ${object.versionId} is gone`);
  compare(object.key, 'size in bytes', head.sizeBytes, object.sizeBytes);
  if (head.crc?.algorithm === object.crc.algorithm)
    compare(object.key, `${head.crc.algorithm} as S3 keeps it`, head.crc.value, object.crc.value);
}

function compare(key: string, what: string, found: string | number, expected: string | number): void {
  if (found !== expected) throw new PointDamaged(key, `${what} is ${found}, and the manifest says ${expected}`);
}
