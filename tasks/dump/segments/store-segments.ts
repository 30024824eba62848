/** Reads all segments with all threads and stores them; one that failed on the way is read again, in the same snapshot. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { Compression } from '../../../core/backup/dump-arguments.ts';
import { workQueue } from '../../../core/backup/segment-queue.ts';
import { copySegment } from '../../../core/backup/segment-sql.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import type { ObjectWriter } from '../../../core/ports/object-store.ts';
import { segmentFile, segmentObjectKey } from '../../../core/vault/keys.ts';
import type { StoredObject } from '../../../core/vault/manifest.ts';
import { connectAgain } from './connect-again.ts';
import type { ConnectAgain } from './connect-again.ts';
import type { SegmentedTable } from './open-source.ts';
import type { ReaderThread } from './reader-thread.ts';

export type SegmentsOfPoint = ConnectAgain & {
  vault: ObjectWriter;
  prefix: string;
  encoding: string;
  compression: Compression;
  tables: readonly SegmentedTable[];
  readers: readonly ReaderThread[];
  partBytes: number;
  /** Something was stored. */
  moved: () => void;
  /** What a person should know although the dump goes on. */
  note: (text: string) => void;
};

/** As small as S3 allows: a thread has some of them under way, and they are most of its memory. */
export const SEGMENT_PART_BYTES = 5 * 1024 ** 2;

type Piece = { table: SegmentedTable; number: number; tries: number };

const MOST_TRIES = 3;
const PAUSE_MILLISECONDS = 500;

/** In the order of tables and numbers. Throws PostgresFailed, StoreUnavailable and the like, or the reason of `signal`. */
export async function storeSegments(point: SegmentsOfPoint): Promise<StoredObject[]> {
  const queue = workQueue<Piece>(
    point.tables
      .flatMap((table) => table.ranges.map((_, index) => ({ table, number: index + 1, tries: 0 })))
      .toSorted((a, b) => weight(b) - weight(a)),
  );
  const stored = new Map<string, StoredObject>();
  const stop = new AbortController();
  const signal = AbortSignal.any([point.signal, stop.signal]);
  const giveUp = (error: unknown) => {
    stop.abort(error);
    queue.stop();
  };
  const onAbort = () => queue.stop();
  point.signal.addEventListener('abort', onAbort, { once: true });
  let working = point.readers.length;
  /** What is on its way to the vault, so that nothing of it goes on when the dump has ended. */
  const underWay = new Set<Promise<boolean>>();

  /** Answers whether the piece was done; the thread is to be connected anew when it was not and was still reading it. */
  const store = async (piece: Piece, reading: ReturnType<ReaderThread['read']>): Promise<boolean> => {
    try {
      stored.set(keyOf(point, piece), await storeSegment(point, piece, reading, signal));
      queue.done();
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      reading.abandon();
      if (point.serverEndedBy() !== undefined || piece.tries + 1 >= MOST_TRIES || !isWorthAnotherTry(error)) throw error;
      await sleep(PAUSE_MILLISECONDS * (piece.tries + 1), undefined, { signal });
      queue.giveBack({ ...piece, tries: piece.tries + 1 });
      return false;
    }
  };

  const work = async (reader: ReaderThread): Promise<void> => {
    let before: Promise<boolean> = Promise.resolve(true);
    for (let piece = await queue.take(); piece !== undefined; piece = await queue.take()) {
      const reading = reader.read(`read ${nameOf(piece)}`, sqlOf(point, piece), signal);
      const storing = store(piece, reading);
      underWay.add(storing);
      void storing.catch(giveUp).finally(() => underWay.delete(storing));
      // The next one is read while this one is on its way to the vault; what is ahead is bounded by the parts of the thread.
      const isRead = (await Promise.race([reading.ended, storing.then(() => undefined)])) !== undefined;
      if (!isRead) {
        await storing;
        if (!(await isConnectedAgain(reader, nameOf(piece)))) return;
      }
      await before;
      before = storing;
    }
    await before;
  };
  const isConnectedAgain = async (reader: ReaderThread, piece: string): Promise<boolean> => {
    try {
      await connectAgain(reader, { ...point, signal });
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      // The others go on: with an ALTER TABLE waiting for a table, nobody new gets it.
      working -= 1;
      if (working === 0) throw error;
      const why = error instanceof HoldfastError ? error.message : 'an error that nobody foresaw';
      point.note(`A session ended while it read ${piece} and could not be made again; sessions that go on: ${working}. ${why}`);
      return false;
    }
  };

  try {
    await Promise.all(point.readers.map((reader) => work(reader).catch(giveUp)));
    await Promise.allSettled(underWay);
    point.signal.throwIfAborted();
    stop.signal.throwIfAborted();
  } finally {
    point.signal.removeEventListener('abort', onAbort);
  }
  return point.tables.flatMap((table) => table.ranges.flatMap((_, index) => stored.get(keyOf(point, { table, number: index + 1 })) ?? []));
}

const weight = ({ table }: Piece) => table.bytes / table.ranges.length;
const nameOf = ({ table, number }: Piece) => `segment ${number} of ${table.table}`;

function keyOf({ prefix, compression }: SegmentsOfPoint, { table, number }: Pick<Piece, 'table' | 'number'>): string {
  return segmentObjectKey(prefix, segmentFile(table.oid, number), compression.method);
}

function sqlOf({ encoding }: SegmentsOfPoint, { table, number }: Piece): string {
  return copySegment(table.table, table.columns, encoding, table.ranges[number - 1] ?? { fromPage: 0, toPage: undefined });
}

const isWorthAnotherTry = (error: unknown) => error instanceof HoldfastError && RETRIED.has(error.failure);
const RETRIED = new Set<HoldfastError['failure']>(['DumpInterruptedByServer', 'VaultUnavailable']);

async function storeSegment(
  point: SegmentsOfPoint,
  piece: Piece,
  reading: ReturnType<ReaderThread['read']>,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { table, number } = piece;
  const key = keyOf(point, piece);
  const { versionId, sizeBytes, crc } = await point.vault.upload(key, reading.parts, {
    partBytes: point.partBytes,
    signal,
    onPartStored: (part, isFree) => {
      reading.giveBack(part, isFree);
      point.moved();
    },
  });
  const read = await reading.ended;
  if (read === undefined) throw new PostgresFailed(`read ${nameOf(piece)}`, { failure: 'DumpInterruptedByServer' });
  const { rows, uncompressedBytes, sha256 } = read;
  return {
    role: 'segment',
    key,
    versionId,
    sizeBytes,
    sha256,
    crc,
    segment: { tableOid: table.oid, table: table.table, columns: table.columns, number, of: table.ranges.length, rows, uncompressedBytes },
  };
}
