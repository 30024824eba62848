/** The rows that pg_dump wrote itself, and large objects: out of its archive, as it streams by. */
import type { LoadSession } from '../../../adapters/postgres/load-session.ts';
import { readCustomArchive } from '../../../core/archive/custom-stream.ts';
import type { ArchiveEntry } from '../../../core/archive/toc.ts';
import { withoutEndMarker } from '../../../core/restore/end-of-rows.ts';
import {
  LARGE_OBJECT_BATCH,
  LARGE_OBJECT_PIECE_BYTES,
  largeObjectArguments,
  WRITE_LARGE_OBJECTS,
  type LargeObjectPiece,
} from '../../../core/restore/large-object-batches.ts';
import { PointDamaged } from '../../../core/vault/point-damage.ts';
import { readRest } from './archive.ts';
import type { Loading } from './load-segment.ts';
import type { Progress } from './progress.ts';

export type RestLoad = Loading & {
  session: LoadSession;
  progress: Progress;
  /** A try before this one broke. */
  isAgain: boolean;
  /** Those that are to be loaded. */
  rows: readonly ArchiveEntry[];
};

/** Every table, and every batch of large objects, is committed by itself. Throws PointDamaged, PostgresFailed, or an error of the store. */
export async function loadRest(load: RestLoad): Promise<void> {
  const { session, progress, isAgain } = load;
  const wanted = new Map(load.rows.map((entry) => [entry.dumpId, entry]));
  if (load.rows.every(({ dumpId, kind }) => kind === 'TABLE DATA' && progress.isFinished(tableItem(dumpId)))) return;
  let batch: LargeObjectBatch | undefined;
  for await (const event of readCustomArchive(readRest(load.point, load.signal, load.moved))) {
    if (event.kind === 'toc') continue;
    const entry = wanted.get(event.dumpId);
    if (event.kind !== 'largeObject') {
      await batch?.end();
      batch = undefined;
    }
    if (entry === undefined) continue;
    if (event.kind === 'table') {
      if (!entry.copy) throw new PointDamaged('rest', `its table of contents does not say how entry ${entry.dumpId} is loaded`);
      const copy = Buffer.from(entry.copy, 'latin1');
      await progress.once(session, tableItem(event.dumpId), isAgain, () =>
        session.copyIn('load rows of a table', copy, withoutEndMarker(event.chunks)),
      );
    } else if (event.kind === 'largeObjects') batch = new LargeObjectBatch(event.dumpId, load);
    else await batch?.add(event.oid, event.chunks);
  }
  await batch?.end();
}

const tableItem = (dumpId: number) => `table ${dumpId}`;

/**
 * Which object goes into which batch follows from the bytes alone, however they arrive: a batch that is finished is the same one in
 * the next try.
 */
class LargeObjectBatch {
  readonly #dumpId: number;
  readonly #load: RestLoad;
  #number = 1;
  #pieces: LargeObjectPiece[] = [];
  #bytes = 0;

  constructor(dumpId: number, load: RestLoad) {
    this.#dumpId = dumpId;
    this.#load = load;
  }

  async add(oid: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let offset = 0;
    for await (const bytes of inPieces(chunks)) {
      this.#pieces.push({ oid, offset, bytes });
      this.#bytes += bytes.length;
      offset += bytes.length;
      if (this.#pieces.length >= LARGE_OBJECT_BATCH.objects || this.#bytes >= LARGE_OBJECT_BATCH.bytes) await this.end();
    }
  }

  async end(): Promise<void> {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    const { session, progress, isAgain } = this.#load;
    this.#pieces = [];
    this.#bytes = 0;
    await progress.once(session, `large objects ${this.#dumpId}, batch ${this.#number++}`, isAgain, async () => {
      await session.query('write large objects', WRITE_LARGE_OBJECTS, largeObjectArguments(pieces));
      return pieces.length;
    });
  }
}

/** Of exactly LARGE_OBJECT_PIECE_BYTES each, but the last. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let left = LARGE_OBJECT_PIECE_BYTES;
  for await (const chunk of chunks)
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + left);
      parts.push(part);
      from += part.length;
      left -= part.length;
      if (left > 0) continue;
      yield Buffer.concat(parts);
      parts = [];
      left = LARGE_OBJECT_PIECE_BYTES;
    }
  if (parts.length > 0) yield Buffer.concat(parts);
}
