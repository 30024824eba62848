/** Reads back every byte of a point, decodes its archive to the end, and says what it holds. */
import type { Program } from '../../adapters/postgres/programs.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ArchiveContent } from '../../core/backup/archive-scan.ts';
import type { VerifiedFact } from '../../core/vault/facts.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { decodeArchive } from './decode-archive.ts';
import { loadPoint } from './load-point.ts';
import type { LoadedPoint, PointName } from './load-point.ts';
import { archiveObjects, checkPointBytes, OBJECTS_AT_ONCE, readArchive, readStoredObject } from './read-archive.ts';
import { verifySegmented } from './verify-segmented.ts';

export type VerifyPorts = {
  reader: ObjectReader;
  pgRestore: Program;
  /** Where programs look for other programs. */
  searchPath: string;
  signal: AbortSignal;
  /** Bytes of the vault read since the last call. */
  onBytes?: (bytes: number) => void;
  /** Objects of a segmented point that are read at once. */
  objectsAtOnce?: number;
};

export type VerifiedPoint = LoadedPoint & { content: ArchiveContent; bytesRead: number };

/** Throws ObjectMissing (PointMissing), PointDamaged, PointRecordDamaged, ArchiveUnreadable, or an error of the store. */
export async function verifyPoint(
  name: PointName,
  { reader, pgRestore, searchPath, signal, onBytes, objectsAtOnce = OBJECTS_AT_ONCE }: VerifyPorts,
): Promise<VerifiedPoint> {
  const point = await loadPoint(reader, name);
  const { manifest } = point;
  let bytesRead = 0;
  async function* counted(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      bytesRead += chunk.length;
      onBytes?.(chunk.length);
      yield chunk;
    }
  }

  const decoding = { manifest, pgRestore, searchPath, signal };
  try {
    if (manifest.dump.format === 'segmented')
      return { ...point, content: await verifySegmented({ ...decoding, reader, objectsAtOnce, count: counted }), bytesRead };
    for (const object of manifest.objects) if (object.role !== 'dump') for await (const _ of counted(readStoredObject(reader, object)));
    return { ...point, content: await decodeArchive(counted(readArchive(reader, manifest)), decoding), bytesRead };
  } catch (error) {
    // A decoder stops where it no longer understands; reading on tells which object differs from what was written.
    if (error instanceof PointDamaged) await checkPointBytes(reader, { ...manifest, objects: suspects(manifest, error.key) });
    throw error;
  }
}

/** What may be to blame for a damage that was found at `key`: an object alone, or those that make one archive together. */
function suspects(manifest: Manifest, key: string): StoredObject[] {
  const archive = archiveObjects(manifest);
  return archive.some((object) => object.key === key) ? archive : manifest.objects.filter((object) => object.key === key);
}

export const verifiedFact = (name: PointName, run: string, at: Date, { content, bytesRead }: VerifiedPoint): VerifiedFact => ({
  format: 'holdfast/fact/v1',
  kind: 'verified',
  ...name,
  id: run,
  at: at.toISOString(),
  bytesRead,
  rows: content.rows,
  largeObjects: content.largeObjects,
});
