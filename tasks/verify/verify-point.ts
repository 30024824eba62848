/** Reads back every byte of a point, decodes its archive to the end, and says what it holds. */
import type { Program } from '../../adapters/postgres/programs.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ArchiveContent } from '../../core/backup/archive-scan.ts';
import type { VerifiedFact } from '../../core/vault/facts.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { decodeArchive } from './decode-archive.ts';
import { loadPoint } from './load-point.ts';
import type { LoadedPoint, PointName } from './load-point.ts';
import { checkPointBytes, readArchive, readStoredObject } from './read-archive.ts';

export type VerifyPorts = {
  reader: ObjectReader;
  pgRestore: Program;
  /** Where programs look for other programs. */
  searchPath: string;
  signal: AbortSignal;
  /** Bytes of the vault read since the last call. */
  onBytes?: (bytes: number) => void;
};

export type VerifiedPoint = LoadedPoint & { content: ArchiveContent; bytesRead: number };

/** Throws ObjectMissing (PointMissing), PointDamaged, PointRecordDamaged, ArchiveUnreadable, or an error of the store. */
export async function verifyPoint(
  name: PointName,
  { reader, pgRestore, searchPath, signal, onBytes }: VerifyPorts,
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

  for (const object of manifest.objects) if (object.role !== 'dump') for await (const _ of counted(readStoredObject(reader, object)));
  try {
    const content = await decodeArchive(counted(readArchive(reader, manifest)), { manifest, pgRestore, searchPath, signal });
    return { ...point, content, bytesRead };
  } catch (error) {
    // A decoder stops where it no longer understands; reading on tells which object differs from what was written.
    if (error instanceof PointDamaged) await checkPointBytes(reader, manifest);
    throw error;
  }
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
