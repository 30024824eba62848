/** The objects of a segmented point: pg_dump's archive of everything else, the segments, and the TOC of the directory that they are. */
import { streamDump } from '../../adapters/postgres/dump-stream.ts';
import { SourceChanged } from '../../adapters/postgres/errors.ts';
import { findAwaitedTable, findRewrittenTable } from '../../adapters/postgres/big-tables.ts';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import type { SegmentSessionSettings } from '../../adapters/postgres/segment-session.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { archiveToc } from '../../core/archive/segment-toc.ts';
import { serializeDirectoryToc } from '../../core/archive/toc.ts';
import type { ArchiveToc } from '../../core/archive/toc.ts';
import { restArguments } from '../../core/backup/dump-arguments.ts';
import type { DumpCommand } from '../../core/backup/dump-arguments.ts';
import { restObjectKey, segmentFile, tocObjectKey } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import type { SegmentedTable } from './segments/open-source.ts';
import type { ReaderThread } from './segments/reader-thread.ts';
import { SEGMENT_PART_BYTES, storeSegments } from './segments/store-segments.ts';
import { inOne, storeFrame } from './store-objects.ts';
import type { ObjectsOfPoint, StoredPoint } from './store-objects.ts';
import { compressBlocks, watchToc } from './store-rest.ts';
import { storeInPieces, storeStream } from './store-stream.ts';

export type SegmentedObjects = Omit<ObjectsOfPoint, 'command'> & {
  command: Omit<DumpCommand, 'format'>;
  connection: SourceConnection;
  encoding: string;
  tables: readonly SegmentedTable[];
  readers: readonly ReaderThread[];
  session: SegmentSessionSettings;
  renewLogin: () => Promise<SourceLogin>;
  note: (text: string) => void;
};

export async function storeSegmented(point: SegmentedObjects): Promise<StoredPoint> {
  const { tables, prefix, vault, command } = point;
  const failed = new AbortController();
  const signal = AbortSignal.any([point.settingsOfStore.signal, failed.signal]);
  const settingsOfStore = { ...point.settingsOfStore, signal };
  const stopOthers = (error: unknown) => {
    failed.abort(error);
    throw error;
  };

  const frame = await storeFrameUnawaited({ ...point, settingsOfStore });
  const [rest, segments] = await allOrFirst([
    storeRest(point, settingsOfStore).catch(stopOthers),
    storeSegments({
      vault,
      prefix,
      encoding: point.encoding,
      compression: command.compression,
      tables,
      readers: point.readers,
      session: point.session,
      renewLogin: point.renewLogin,
      serverEndedBy: point.serverEndedBy,
      partBytes: SEGMENT_PART_BYTES,
      moved: () => point.watch.add(0),
      note: point.note,
      signal,
    }).catch(stopOthers),
  ]);
  const files = tables.map(({ oid, copy, ranges }) => ({
    tableOid: oid,
    copy,
    files: ranges.map((_, index) => segmentFile(oid, index + 1)),
  }));
  const bytes = serializeDirectoryToc(archiveToc(rest.toc, files), command.compression.method);
  const toc = await storeStream(vault, 'toc', tocObjectKey(prefix), inOne(bytes), settingsOfStore);
  const ofSegments = segments.reduce((sum, { segment }) => sum + (segment?.uncompressedBytes ?? 0), 0);
  return { objects: [...frame, ...rest.objects, toc, ...segments], uncompressedBytes: rest.uncompressedBytes + ofSegments };
}

/** The schema beside is a pg_dump as well, which takes locks as the other does. */
async function storeFrameUnawaited(point: SegmentedObjects): Promise<StoredObject[]> {
  const locks = watchLocks(point.connection);
  const signal = AbortSignal.any([point.settingsOfStore.signal, locks.signal]);
  const command = { ...point.command, format: 'plain' as const };
  return storeFrame({ ...point, command, settingsOfStore: { ...point.settingsOfStore, signal } }).finally(locks.stop);
}

async function storeRest(
  point: SegmentedObjects,
  settingsOfStore: SegmentedObjects['settingsOfStore'],
): Promise<{ objects: StoredObject[]; toc: ArchiveToc; uncompressedBytes: number }> {
  const { vault, prefix, command, connection, watch } = point;
  const locks = watchLocks(connection);
  const signal = AbortSignal.any([settingsOfStore.signal, locks.signal]);
  const source = streamDump({
    programPath: point.programPath,
    environment: point.access.environment,
    args: restArguments(command, point.tables),
    format: 'custom',
    serverEndedBy: point.serverEndedBy,
    signal,
  });
  const watched = watchToc(watch.count(source), async () => {
    locks.stop();
    const table = await findRewrittenTable(connection);
    if (table !== undefined) throw new SourceChanged(table, 'was truncated, rewritten or dropped before pg_dump held it');
  });
  const stored = compressBlocks(watched.chunks, command.compression);
  const objects = await storeInPieces(vault, 'rest', (number) => restObjectKey(prefix, number), stored, {
    ...settingsOfStore,
    signal,
  }).finally(locks.stop);
  const toc = watched.toc();
  if (toc === undefined) throw new Error('an archive that is whole has a TOC');
  return { objects, toc, uncompressedBytes: watched.bytes() };
}

const LOOK_MILLISECONDS = 1000;

/**
 * pg_dump takes its locks last. Behind somebody who waits for ours, with an ALTER TABLE perhaps, it would wait for him and he for us,
 * which the server does not see as a deadlock. `signal` aborts when that is so.
 */
function watchLocks(connection: SourceConnection): { signal: AbortSignal; stop: () => void } {
  const found = new AbortController();
  let isLooking = false;
  let isStopped = false;
  const look = async () => {
    const table = await findAwaitedTable(connection);
    // By now pg_dump may have its locks: whoever waits for it waits for nobody else.
    if (table !== undefined && !isStopped)
      found.abort(new SourceChanged(table, 'is about to be altered by a session that waits for the dump'));
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // A coordinator whose session is gone finds out elsewhere.
    void look()
      .catch(() => undefined)
      .finally(() => (isLooking = false));
  }, LOOK_MILLISECONDS);
  const stop = () => {
    isStopped = true;
    clearInterval(timer);
  };
  return { signal: found.signal, stop };
}

/** All of them, or, when all have ended, the error that was first. */
async function allOrFirst<A, B>(work: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const all = Promise.all(work);
  // It may reject long before the others have ended, and is looked at only then.
  all.catch(() => undefined);
  await Promise.allSettled(work);
  return all;
}
