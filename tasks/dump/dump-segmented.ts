/** A segmented dump: threads read the big tables by ranges of their pages, pg_dump everything else, all in one snapshot. */
import { readRoles, readSettings } from '../../adapters/postgres/globals.ts';
import { withLibpqAccess } from '../../adapters/postgres/libpq.ts';
import { chooseBlockCompression } from '../../core/backup/dump-arguments.ts';
import { chooseWorkers } from '../../core/backup/choose-workers.ts';
import { attemptPrefix } from '../../core/vault/keys.ts';
import type { DumpPorts, DumpRequest, Dumped, Run, Source } from './dump-point.ts';
import { openSource } from './segments/open-source.ts';
import { startReader } from './segments/reader-thread.ts';
import type { ReaderThread } from './segments/reader-thread.ts';
import { SEGMENT_PART_BYTES } from './segments/store-segments.ts';
import { storeSegmented } from './store-segmented.ts';

/** One is filled while the others are on their way. */
const PARTS_OF_A_THREAD = 3;

/** Objects of 64 GiB in no more than 10,000 parts, and half the memory of a whole dump's. */
const REST_PART_BYTES = 8 * 1024 ** 2;

export async function dumpSegmented(
  request: DumpRequest,
  ports: DumpPorts,
  { connection, major, applicationName }: Source,
  { limits, watch, signal }: Run,
): Promise<Dumped> {
  const { asset } = request;
  const options = asset.dump;
  const compression = chooseBlockCompression(options);
  const workers = chooseWorkers(asset);
  const readers: ReaderThread[] = [];
  try {
    const opening = {
      major,
      workers,
      lockMilliseconds: options.stallMinutes * 60_000,
      tableLimits: limits.tables,
      segmentLimits: limits.segments,
      moved: () => watch.add(0),
      signal,
    };
    const settings = { compression, partBytes: SEGMENT_PART_BYTES, parts: PARTS_OF_A_THREAD };
    const sessionOf = (source: { snapshot: { id: string }; tables: readonly { table: string }[] }) => ({
      login: ports.login,
      applicationName,
      snapshot: source.snapshot.id,
      tables: source.tables.map(({ table }) => table),
    });
    const source = await openSource(connection, opening, async (opened) => {
      const segments = opened.tables.reduce((sum, { ranges }) => sum + ranges.length, 0);
      while (readers.length < Math.min(workers, segments)) readers.push(startReader(settings, watch.add));
      const connected = await Promise.allSettled(readers.map((reader) => reader.connect(sessionOf(opened))));
      const failed = connected.find((each) => each.status === 'rejected');
      if (failed !== undefined) {
        // Those that hold locks let go of them: whoever waits for those keeps the coordinator from looking at the table again.
        await Promise.all(readers.splice(0).map((reader) => reader.close()));
        throw failed.reason;
      }
      // Locks may have been waited for.
      watch.add(0);
    });
    const { snapshot, tables } = source;
    const roles = await readRoles(connection);
    const globals = await readSettings(connection);
    const access = { scratchDir: ports.scratchDir, path: ports.searchPath, applicationName };
    const stored = await withLibpqAccess(ports.login, access, (libpq) =>
      storeSegmented({
        vault: ports.vault,
        prefix: attemptPrefix(request.system, asset.id, request.point, request.attempt),
        roles,
        settings: globals,
        access: libpq,
        programPath: ports.pgDump.path,
        command: { options, compression, clientMajor: ports.pgDump.major, snapshot: snapshot.id, connection: libpq.connection },
        serverEndedBy: connection.endedBy,
        watch,
        settingsOfStore: { partBytes: Math.min(limits.partBytes, REST_PART_BYTES), objectBytes: limits.objectBytes, signal },
        connection,
        encoding: snapshot.facts.encoding,
        tables,
        readers,
        session: sessionOf(source),
        renewLogin: ports.renewLogin ?? (async () => ports.login),
        note: ports.note ?? (() => undefined),
      }),
    );
    return { snapshot, compression, stored };
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}
