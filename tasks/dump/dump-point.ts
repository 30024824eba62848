/**
 * One attempt at a recovery point: readiness, snapshot, dump into the vault, manifest. Nothing is a point before the manifest is
 * written, and the manifest is written only after every object of it is whole.
 */
import { connectToSource } from '../../adapters/postgres/connection.ts';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { ClientTooOld } from '../../adapters/postgres/errors.ts';
import { readRoles, readSettings } from '../../adapters/postgres/globals.ts';
import { withLibpqAccess } from '../../adapters/postgres/libpq.ts';
import { canWriteZstd } from '../../adapters/postgres/programs.ts';
import type { Program } from '../../adapters/postgres/programs.ts';
import { openSnapshot, serverMajor } from '../../adapters/postgres/snapshot.ts';
import type { Snapshot } from '../../adapters/postgres/snapshot.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import type { SegmentLimits } from '../../core/backup/choose-segments.ts';
import type { TableLimits } from '../../core/backup/choose-tables.ts';
import { chooseCompression, planOptions } from '../../core/backup/dump-arguments.ts';
import type { Compression, WholeFormat } from '../../core/backup/dump-arguments.ts';
import { dumpFormat } from '../../core/plan/dump-format.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { attemptPrefix, manifestKey } from '../../core/vault/keys.ts';
import { ARCHIVE_FORMAT, Manifest, MANIFEST_FORMAT, SEGMENTED_MANIFEST_FORMAT } from '../../core/vault/manifest.ts';
import { dumpSegmented } from './dump-segmented.ts';
import { findKeyFingerprints, joinKeys } from './find-keys.ts';
import { refuseHalfMade } from './refuse-half-made.ts';
import { storeObjects } from './store-objects.ts';
import type { StoredPoint } from './store-objects.ts';
import type { Progress, ProgressWatch } from './watch-progress.ts';
import { watchProgress } from './watch-progress.ts';

/** `lastPoint`: id of the point before this one, where there is one. */
export type DumpRequest = { system: string; asset: PostgresAsset; point: string; attempt: string; lastPoint?: string | undefined };

export type DumpPorts = {
  vault: ObjectWriter;
  escrow: Pick<ObjectReader, 'listVersions'>;
  login: SourceLogin;
  /** For connections that are made again, perhaps hours later. Left out, `login` is used for those too. */
  renewLogin?: () => Promise<SourceLogin>;
  pgDump: Program;
  /** Where programs look for other programs. */
  searchPath: string;
  scratchDir: string;
  holdfastVersion: string;
  now: () => Date;
  monotonicMilliseconds: () => number;
  report: (progress: Progress) => void;
  /** Tells what a person should know although the dump goes on. */
  note?: (text: string) => void;
  /** Aborts when the task is told to stop; its reason is thrown. */
  signal: AbortSignal;
  limits?: Partial<DumpLimits>;
};

export type DumpLimits = {
  objectBytes: number;
  partBytes: number;
  stallMilliseconds: number;
  reportMilliseconds: number;
  tables?: Partial<TableLimits>;
  segments?: Partial<SegmentLimits>;
};

/** 4,096 parts of 16 MiB: far from the 10,000 that S3 takes, and four parts under way fit a small task. */
const LIMITS = { objectBytes: 64 * 1024 ** 3, partBytes: 16 * 1024 ** 2, reportMilliseconds: 3_000 };

/** `committed` false: the point had a manifest already, of this attempt or another's. */
export type DumpOutcome = { committed: boolean; manifest: Manifest };

/** Throws a HoldfastError of one of the classes `Source…`, `ClientTooOld`, `Dump…`, `Stalled`, `Vault…`, or the reason of `signal`. */
export async function dumpPoint(request: DumpRequest, ports: DumpPorts): Promise<DumpOutcome> {
  const startedAt = ports.now();
  const applicationName = `holdfast ${request.system}/${request.asset.id}`;
  ports.signal.throwIfAborted();
  const connection = await connectToSource(ports.login, applicationName);
  try {
    const major = await serverMajor(connection);
    if (ports.pgDump.major < major) throw new ClientTooOld(ports.pgDump.major, major);
    await refuseHalfMade(connection);
    const source = { connection, major, applicationName };
    const format = dumpFormat(request.asset);
    const { needsKeys: keys, earlierValues } = request.asset;
    const needed = { system: request.system, keys, earlierValues };
    const keysAtStart = await findKeyFingerprints(ports.escrow, { ...needed, now: startedAt });
    const { snapshot, compression, stored } = await watched(request, ports, connection, (run) =>
      format === 'segmented' ? dumpSegmented(request, ports, source, run) : dumpWhole(request, ports, { ...source, format }, run),
    );
    const manifest = Manifest.parse({
      format: format === 'segmented' ? SEGMENTED_MANIFEST_FORMAT : MANIFEST_FORMAT,
      system: request.system,
      asset: request.asset.id,
      point: request.point,
      slot: request.point,
      attempt: request.attempt,
      startedAt: startedAt.toISOString(),
      consistentAt: snapshot.consistentAt.toISOString(),
      finishedAt: ports.now().toISOString(),
      source: snapshot.facts,
      dump: {
        format,
        ...(format === 'segmented' ? { archive: ARCHIVE_FORMAT } : {}),
        compression: compression.method,
        options: planOptions(request.asset.dump),
        ...(stored.uncompressedBytes === undefined ? {} : { uncompressedBytes: stored.uncompressedBytes }),
      },
      tools: { holdfast: ports.holdfastVersion, pgDump: ports.pgDump.version, node: process.versions.node },
      objects: stored.objects,
      keys: joinKeys(await findKeyFingerprints(ports.escrow, { ...needed, now: ports.now(), lastPoint: request.lastPoint }), keysAtStart),
    } satisfies Manifest);
    ports.signal.throwIfAborted();
    return { committed: await commit(ports.vault, manifest), manifest };
  } finally {
    await connection.end();
  }
}

/** The source as it was found, and how it is dumped into the vault. */
export type Source = { connection: SourceConnection; major: number; applicationName: string };
export type Run = { limits: DumpLimits; watch: ProgressWatch; signal: AbortSignal };
export type Dumped = { snapshot: Snapshot; compression: Compression; stored: StoredPoint };

async function watched(
  request: DumpRequest,
  ports: DumpPorts,
  connection: SourceConnection,
  dump: (run: Run) => Promise<Dumped>,
): Promise<Dumped> {
  const limits = { ...LIMITS, stallMilliseconds: request.asset.dump.stallMinutes * 60_000, ...ports.limits };
  const watch = watchProgress({
    what: `The dump of ${request.asset.id}`,
    ...limits,
    monotonicMilliseconds: ports.monotonicMilliseconds,
    report: ports.report,
  });
  const signal = AbortSignal.any([ports.signal, watch.signal]);
  // A query that is waiting for an answer fails with it.
  const disconnect = () => void connection.end();
  signal.addEventListener('abort', disconnect, { once: true });
  try {
    return await dump({ limits, watch, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', disconnect);
    watch.stop();
  }
}

async function dumpWhole(request: DumpRequest, ports: DumpPorts, source: Source & { format: WholeFormat }, run: Run): Promise<Dumped> {
  const { connection, format, applicationName } = source;
  const options = request.asset.dump;
  const compression = chooseCompression(options, format, format === 'custom' && (await canWriteZstd(ports.pgDump)));
  const snapshot = await openSnapshot(connection, source.major);
  const roles = await readRoles(connection);
  const settings = await readSettings(connection);
  const stored = await withLibpqAccess(ports.login, { scratchDir: ports.scratchDir, path: ports.searchPath, applicationName }, (access) =>
    storeObjects({
      vault: ports.vault,
      prefix: attemptPrefix(request.system, request.asset.id, request.point, request.attempt),
      roles,
      settings,
      access,
      programPath: ports.pgDump.path,
      command: { format, options, compression, clientMajor: ports.pgDump.major, snapshot: snapshot.id, connection: access.connection },
      serverEndedBy: connection.endedBy,
      watch: run.watch,
      settingsOfStore: { partBytes: run.limits.partBytes, objectBytes: run.limits.objectBytes, signal: run.signal },
    }),
  );
  return { snapshot, compression, stored };
}

async function commit(vault: ObjectWriter, manifest: Manifest): Promise<boolean> {
  try {
    await vault.putOnce(manifestKey(manifest.system, manifest.asset, manifest.point), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return true;
  } catch (error) {
    // Whoever was first has made the point. This attempt may be that one, when the answer to its own write was lost.
    if (error instanceof ObjectExists) return false;
    throw error;
  }
}
