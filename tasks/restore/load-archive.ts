/** A point's archive: fetched and compared with the manifest first, restored afterwards. Shared by drill and restore. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenLoadSession } from '../../adapters/postgres/load-session.ts';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { selectEntries } from '../../core/archive/select.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { splitPhases } from '../../core/restore/archive-phases.ts';
import { majorOf } from '../../core/restore/database-statement.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { isDump, restoredBytes } from '../../core/vault/restored-bytes.ts';
import { PointRoles } from '../../core/vault/roles.ts';
import { checkAllButSegments, checkSegments, openArchive } from './segmented/archive.ts';
import { loadSegmented, writeContents } from './segmented/load-segmented.ts';
import { forgetfulProgress } from './segmented/progress.ts';
import { watched, type Moved, type StoredPoint } from './stored-point.ts';
import { checkPointBytes, decompressStored, readArchive, readStoredObject } from '../verify/read-archive.ts';
import { ProgramTooOld } from './errors.ts';
import { fetchArchive } from './fetch-archive.ts';
import { loadEnd, type LeaveOut } from './load-end.ts';
import { runPgRestore } from './run-pg-restore.ts';
import { readContents } from './select-entries.ts';
import { runPsql } from './run-psql.ts';

export const archiveBytes = ({ manifest }: StoredPoint): number => restoredBytes(manifest);

/** In the scratch directory: a custom archive, or a directory with nothing but the contents of a segmented one. */
export const archiveFile = (scratchDir: string) => join(scratchDir, 'archive');
export const removeFetched = (scratchDir: string): Promise<void> => rm(archiveFile(scratchDir), { force: true, recursive: true });

/**
 * Brings a custom archive to the scratch directory, comparing its bytes on the way. Others are streamed when they are restored:
 * nothing is fetched. Throws DiskTooSmall, PointDamaged.
 */
export async function retrieve(point: StoredPoint, scratchDir: string, signal: AbortSignal, moved: Moved): Promise<void> {
  if (point.manifest.dump.format !== 'custom') return;
  await fetchArchive(
    watched(readArchive(point.reader, point.manifest), signal, moved),
    archiveBytes(point),
    archiveFile(scratchDir),
    signal,
  );
}

/**
 * Compares every byte that `retrieve` did not, but for segments: theirs are compared before their rows are committed. Throws
 * PointDamaged.
 */
export async function checkBytes(point: StoredPoint, signal: AbortSignal, moved: Moved): Promise<void> {
  const { reader, manifest } = point;
  if (manifest.dump.format === 'segmented') return checkAllButSegments(point, signal, moved);
  const objects = manifest.dump.format === 'custom' ? manifest.objects.filter((object) => !isDump(object)) : manifest.objects;
  await checkPointBytes(reader, { ...manifest, objects }, (bytes) => {
    signal.throwIfAborted();
    moved(bytes);
  });
}

/** Undefined when the point has no roles. Throws PointDamaged. */
export async function readRoles({ reader, manifest }: StoredPoint): Promise<PointRoles | undefined> {
  const object = manifest.objects.find((candidate) => candidate.role === 'roles');
  if (!object) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of readStoredObject(reader, object)) chunks.push(chunk);
  const roles = PointRoles.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  if (!roles.success) throw new PointDamaged(object.key, 'it is not the roles of a point', { cause: roles.error });
  return roles.data;
}

export type LoadSettings = {
  open: OpenLoadSession;
  access: LibpqAccess;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
  scratchDir: string;
  jobs: number;
  skipExtensions: readonly string[];
  /** What is restored of a custom archive; everything when absent. */
  dumpIds?: readonly number[] | undefined;
  noOwner: boolean;
  noPrivileges: boolean;
  whenServerGone: FailureName;
  signal: AbortSignal;
  moved: Moved;
  /** Of a plain dump, who was made a superuser for what it owns; only a server that lives for one restore allows it. */
  raise?: (role: string) => void;
  /** Where it is absent everything must stand at the end. */
  leaveOut?: LeaveOut | undefined;
};

const ownershipOptions = ({ noOwner, noPrivileges }: LoadSettings): string[] => [
  ...(noOwner ? ['--no-owner'] : []),
  ...(noPrivileges ? ['--no-privileges'] : []),
];

/**
 * Into a database that is dropped when this fails. Throws RestoreStopped at the first error of the program, and an error that it would
 * go on after is one as well; PointDamaged when what is streamed cannot be read to its end.
 */
export async function loadArchive(point: StoredPoint, settings: LoadSettings): Promise<void> {
  const { manifest, reader } = point;
  const { signal, access, skipExtensions, whenServerGone } = settings;
  const options = ownershipOptions(settings);
  if (manifest.dump.format === 'segmented') {
    const archive = await openArchive(point, signal);
    const contents = archiveFile(settings.scratchDir);
    await writeContents(archive, contents);
    const selected = selectEntries(archive.toc, { skipExtensions });
    await checkSegments(point, archive.segments, signal, settings.moved);
    return loadSegmented(point, archive, { ...settings, ...ONCE, options, contents, selected, progress: forgetfulProgress() });
  }
  if (manifest.dump.format === 'custom') {
    const pgRestore = await findProgram('pg_restore', settings.path);
    const file = archiveFile(settings.scratchDir);
    const toc = await readContents(file);
    const { isSelected } = selectEntries(toc, { skipExtensions });
    const wanted = settings.dumpIds === undefined ? undefined : new Set(settings.dumpIds);
    const isWanted = (id: number) => isSelected(id) && (wanted?.has(id) ?? true);
    const phases = splitPhases(toc.entries, isWanted, settings.leaveOut !== undefined);
    // In one run, jobs would make the triggers of a partitioned table while rows of its partitions arrive: they would fire.
    const run = async (dumpIds: readonly number[], more: { jobs: number; options: readonly string[] }) => {
      if (dumpIds.length > 0)
        await runPgRestore({ pgRestorePath: pgRestore.path, access, archiveFile: file, dumpIds, whenServerGone, signal, ...more });
    };
    const { jobs, leaveOut } = settings;
    await run(phases.before, { jobs: 1, options });
    await run(
      phases.rows.map(({ dumpId }) => dumpId),
      { jobs, options },
    );
    return loadEnd({ phases, entries: toc.entries, options, jobs, leaveOut, run });
  }
  const psql = await findProgram('psql', settings.path);
  const chunks = decompressStored(watched(readArchive(reader, manifest), signal, settings.moved), manifest, 'dump');
  const { noOwner, noPrivileges, raise } = settings;
  const isUnderPolicies = !noOwner && !manifest.dump.options.includes('--no-owner');
  const how = { skipExtensions, noOwner, noPrivileges, isUnderPolicies, raise };
  return runPsql({ psqlPath: psql.path, access, chunks, ...how, whenServerGone, signal });
}

/** Archives are read by programs at least as new as the one that wrote them. Throws ProgramTooOld, ProgramMissing. */
export async function checkPrograms({ manifest }: StoredPoint, path: string): Promise<void> {
  const name = manifest.dump.format === 'plain' ? 'psql' : 'pg_restore';
  const program = await findProgram(name, path);
  if (name === 'pg_restore' && program.major < majorOf(manifest.tools.pgDump))
    throw new ProgramTooOld(name, program.version, manifest.tools.pgDump);
}

/** How a segmented point is loaded where nobody goes on after a failure. */
const ONCE = {
  from: 'schema' as const,
  enter: () => Promise.resolve(),
  clearEnd: () => Promise.resolve(),
  serverSettings: '-c synchronous_commit=off',
  tries: 1,
};
