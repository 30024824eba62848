/** The objects of a segmented point: pg_dump's archive of everything else, the segments, and the TOC of the directory that they are. */
import { streamDump } from '../../adapters/postgres/dump-stream.ts';
import { SourceChanged } from '../../adapters/postgres/errors.ts';
import { findRewrittenTable } from '../../adapters/postgres/big-tables.ts';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import type { SegmentSessionSettings } from '../../adapters/postgres/segment-session.ts';
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

  const frame = await storeFrame({ ...point, command: { ...command, format: 'plain' } });
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
      serverEndedBy: point.serverEndedBy,
      partBytes: SEGMENT_PART_BYTES,
      moved: () => point.watch.add(0),
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

async function storeRest(
  point: SegmentedObjects,
  settingsOfStore: SegmentedObjects['settingsOfStore'],
): Promise<{ objects: StoredObject[]; toc: ArchiveToc; uncompressedBytes: number }> {
  const { vault, prefix, command, connection, watch } = point;
  const source = streamDump({
    programPath: point.programPath,
    environment: point.access.environment,
    args: restArguments(command, point.tables),
    format: 'custom',
    serverEndedBy: point.serverEndedBy,
    signal: settingsOfStore.signal,
  });
  const watched = watchToc(watch.count(source), async () => {
    const table = await findRewrittenTable(connection);
    if (table !== undefined) throw new SourceChanged(table, 'was truncated, rewritten or dropped before pg_dump held it');
  });
  const stored = compressBlocks(watched.chunks, command.compression);
  const objects = await storeInPieces(vault, 'rest', (number) => restObjectKey(prefix, number), stored, settingsOfStore);
  const toc = watched.toc();
  if (toc === undefined) throw new Error('an archive that is whole has a TOC');
  return { objects, toc, uncompressedBytes: watched.bytes() };
}

/** All of them, or, when all have ended, the error that was first. */
async function allOrFirst<A, B>(work: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const all = Promise.all(work);
  await Promise.allSettled(work);
  return all;
}
