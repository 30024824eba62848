import type { LoadSession } from '../../../adapters/postgres/load-session.ts';
import { withoutEndMarker } from '../../../core/restore/end-of-rows.ts';
import { PointDamaged } from '../../../core/vault/point-damage.ts';
import { decompressStored, readStoredObject } from '../../verify/read-archive.ts';
import { watched, type Moved, type StoredPoint } from '../stored-point.ts';
import type { LoadableSegment } from './archive.ts';

export type Loading = { point: StoredPoint; signal: AbortSignal; moved: Moved };

/**
 * Rows of one segment, in a transaction that is open. What is thrown before it is committed keeps them out: PointDamaged when
 * anything differs from the manifest, PostgresFailed, or an error of the store.
 */
export async function loadSegment(
  session: LoadSession,
  { object, segment, copy }: LoadableSegment,
  { point: { reader, manifest }, signal, moved }: Loading,
): Promise<number> {
  const differs = (what: string, found: number, expected: number) =>
    new PointDamaged(object.key, `it holds ${found} ${what}, and the manifest says ${expected}`);
  let uncompressedBytes = 0;
  async function* text() {
    const stored = watched(readStoredObject(reader, object), signal, moved);
    for await (const chunk of decompressStored(stored, manifest, object.key, { isLent: true })) {
      uncompressedBytes += chunk.length;
      yield chunk;
    }
  }
  const rows = await session.copyIn('load rows of a segment', copy, withoutEndMarker(text()));
  if (uncompressedBytes !== segment.uncompressedBytes) throw differs('bytes of text', uncompressedBytes, segment.uncompressedBytes);
  if (rows !== segment.rows) throw differs('rows', rows, segment.rows);
  return rows;
}
