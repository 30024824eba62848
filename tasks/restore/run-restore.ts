/** A point becomes a new database beside its source, on the same server. What is there already is never touched. */
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { openLoadSession, type OpenLoadSession } from '../../adapters/postgres/load-session.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { writeIdentity } from '../../core/restore/half-made.ts';
import type { PreparedPaper, RestoredPaper } from '../../core/restore/result.ts';
import { isWithoutOwners, restoreLoginOf } from '../../core/restore/restore-login.ts';
import { findSelectionProblems, isEverything, PLAIN_IS_WHOLE, type RestoreSelection } from '../../core/restore/selection.ts';
import { findDatabaseNameProblems } from '../../core/restore/sql-names.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { BadRequest } from '../../core/failure/input-errors.ts';
import { HalfMadeDatabaseKept, HalfMadeDatabaseLeft, RestoreTakenOver, TargetUnfit } from './errors.ts';
import { fillDatabase, type LoadSteps } from './fill-database.ts';
import { archiveBytes, archiveFile, checkBytes, checkPrograms, loadArchive, removeFetched, retrieve } from './load-archive.ts';
import { lookAtTarget } from './look-at-target.ts';
import { withNewDatabase } from './new-database.ts';
import { loadPlacedPoint } from './place-point.ts';
import type { StoredPoint } from './stored-point.ts';
import { checkTarget } from './preflight.ts';
import { readNeeds } from './read-needs.ts';
import { selectFrom, selectFromFile } from './select-entries.ts';
import { checkSegments, openArchive } from './segmented/archive.ts';
import { loadSegments } from './segmented/load-segments.ts';
import { writeContents } from './segmented/load-segmented.ts';
import { findHalfMade } from './segmented/take-up.ts';
import { stallSecondsOf, watchServer } from './watch-server.ts';
import { asTargetFailure, connectToTarget, inspectTarget } from './target.ts';

export type RestoreOrder = {
  system: string;
  asset: PostgresAsset;
  point: string;
  /** Which vault `reader` reads; the home region's when absent. */
  from?: VaultSide;
  run: string;
  /** Name of the new database. */
  database: string;
  /** It is swapped in later: until then it says of itself what it is, so that the next run of the same restore takes it up. */
  isStaged?: boolean;
  /** Stands on the new database from its first moment: it takes the place of another one, and is not what that was yet. */
  comment?: string;
  /** Of a database that is replaced for good: the point that has its content. */
  safety?: string;
  /** Everything when absent. */
  selection?: RestoreSelection;
  scratchDir: string;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
};

/** `traces`: the schema by which a next try would know the database for its own, which goes last. */
export type Made = { traces: string; isWithoutOwners: boolean };

export type RestorePorts = {
  reader: ObjectReader;
  login: SourceLogin;
  now: () => Date;
  report: (event: string) => void;
  /** Keeps the record of a database that stands whole. Called again when a try was killed right after it. */
  record?: (restored: RestoredPaper) => Promise<void>;
  /** What an earlier try of this run kept. */
  recorded?: () => Promise<RestoredPaper | undefined>;
  /** What was noted of a database that is replaced for good before it was saved. */
  prepared?: () => Promise<PreparedPaper | undefined>;
  /** Of a database that is replaced: called once everything was checked, and takes away what has the name. */
  makeRoom?: (signal: AbortSignal) => Promise<void>;
  /** Called when the database stands whole, before anything says so. Answers what is to be known of it. */
  settleIn?: (made: Made) => Promise<string[]>;
  /** Bytes of the point that arrived. */
  moved: (bytes: number) => void;
  /** How long the server may stand still; what the plan says when absent. */
  stallSeconds?: number;
};

/**
 * Nothing is written before every byte of the point was compared, but those of segments, whose rows are committed only when theirs
 * were. A database that could not be filled to the end is dropped, also when `signal` aborts; that of a segmented point is kept when
 * another try may go on with it. What a try leaves that was killed is gone on with, or made anew. Throws BadRequest, ObjectMissing,
 * PointDamaged, TargetUnfit, RestoreStopped, RestoreTakenOver, HalfMadeDatabaseKept, HalfMadeDatabaseLeft or the reason of `signal`.
 */
export async function runRestore(order: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoredPaper> {
  const { asset } = order;
  const watch = watchServer({ what: `The restore of ${asset.id}`, stallSeconds: ports.stallSeconds ?? stallSecondsOf(asset) });
  watch.start(lookAtTarget(ports.login, applicationNameOf(order), order.database));
  try {
    return await restore(order, ports, AbortSignal.any([signal, watch.signal]));
  } finally {
    watch.stop();
  }
}

export const applicationNameOf = ({ system, asset }: RestoreOrder): string => `holdfast ${system}/${asset.id} restore`;

/** What this restore is, whichever run it is. */
export function identityOf({ system, asset, point, selection = {} }: RestoreOrder, manifestSha256: string): string {
  const { noOwner, noPrivileges } = restoreLoginOf(asset, selection);
  return writeIdentity({ system, asset: asset.id, point, manifestSha256, noOwner, noPrivileges, selection });
}

async function restore(order: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoredPaper> {
  const startedAt = ports.now();
  const { system, asset, point: id, database, scratchDir, path } = order;
  const { selection = {} } = order;
  const problems = [...findDatabaseNameProblems(database), ...findSelectionProblems(selection)];
  if (problems.length > 0) throw new BadRequest(problems);
  const { manifest, manifestSha256 } = await loadPlacedPoint(ports.reader, { system, asset: asset.id, point: id }, order.from ?? 'vault');
  if (manifest.dump.format === 'plain' && !isEverything(selection)) throw new BadRequest([PLAIN_IS_WHOLE]);
  const point: StoredPoint = { reader: ports.reader, manifest };
  await checkPrograms(point, path);
  const applicationName = applicationNameOf(order);
  const identity = identityOf(order, manifestSha256);
  const connection = await connectToTarget(ports.login, applicationName);
  let left: 'this try' | 'an earlier try' | undefined;
  try {
    const target = await inspectTarget(connection, database, manifest.source);
    const open = () => openLoadSession({ ...ports.login, database }, applicationName);
    const found = target.exists ? await findHalfMade(database, open, identity) : undefined;
    const halfMade = found instanceof TargetUnfit ? undefined : found;
    if (found instanceof TargetUnfit && ports.makeRoom === undefined) {
      const earlier = await ports.recorded?.();
      // A try of this run was killed when nothing was left to do but to say so.
      if (earlier?.point === id && earlier.database === database) return earlier;
      throw found;
    }
    left = halfMade && 'an earlier try';
    ports.report('The bytes of the point are compared with its manifest');
    await retrieve(point, scratchDir, signal, ports.moved);
    await checkBytes(point, signal, ports.moved);
    const { dumpIds, notes: selectionNotes, load } = await prepareLoad(order, ports, point, signal);
    const needs = await readNeeds(point, { path, scratchDir, signal, moved: ports.moved, dumpIds });
    const preflight = await checkTarget(target, needs, restoreLoginOf(asset, selection));
    if (halfMade === undefined) await ports.makeRoom?.(signal);
    const prepared = { target, point, needs, preflight, applicationName };
    const { notes, traces, finish } = await fillDatabase(
      order,
      ports,
      {
        ...prepared,
        identity,
        halfMade,
        open,
        taken: () => (left = undefined),
        notes: selectionNotes,
        hasSettings: selection.tables === undefined,
        load: (steps) => withNewDatabase(order, ports, prepared, (access) => load(access, { ...steps, open })),
      },
      signal,
    );
    left = 'this try';
    const more = (await ports.settleIn?.({ traces, isWithoutOwners: isWithoutOwners(asset, selection, manifest.dump.options) })) ?? [];
    const restored: RestoredPaper = {
      point: id,
      database,
      startedAt: startedAt.toISOString(),
      finishedAt: ports.now().toISOString(),
      bytesRestored: archiveBytes(point),
      notes: [...notes, ...more],
    };
    await ports.record?.(restored);
    if (order.isStaged !== true) await finish();
    return restored;
  } catch (error) {
    if (END_OF_ITS_OWN.some((own) => error instanceof own)) throw error;
    // What broke because it was stopped says less than why it was stopped; that something is left says more.
    const cause: unknown = signal.aborted ? signal.reason : asTargetFailure(error);
    throw left !== undefined && cause instanceof HoldfastError ? new HalfMadeDatabaseKept(database, cause, left) : cause;
  } finally {
    await connection.end();
    await removeFetched(scratchDir);
  }
}

/** They say what became of the database, which outweighs why the restore was stopped. */
const END_OF_ITS_OWN = [HalfMadeDatabaseLeft, HalfMadeDatabaseKept, RestoreTakenOver];

type PreparedLoad = {
  /** Of an archive's entries, those that are restored; all when undefined. */
  dumpIds: readonly number[] | undefined;
  notes: readonly string[];
  load: (access: LibpqAccess, steps: LoadSteps & { open: OpenLoadSession }) => Promise<void>;
};

export async function prepareLoad(
  order: RestoreOrder,
  ports: RestorePorts,
  point: StoredPoint,
  signal: AbortSignal,
): Promise<PreparedLoad> {
  const { asset, scratchDir, path, selection = {} } = order;
  const { format } = point.manifest.dump;
  if (format === 'segmented') return prepareSegments(order, ports, point, signal);
  const { dumpIds, notes } =
    format === 'custom' ? await selectFromFile(archiveFile(scratchDir), selection) : { dumpIds: undefined, notes: [] };
  const { noOwner, noPrivileges } = restoreLoginOf(asset, selection);
  const { jobs } = asset.drill;
  const settings = { path, scratchDir, jobs, skipExtensions: [], dumpIds, noOwner, noPrivileges, signal, moved: ports.moved };
  return {
    dumpIds,
    notes,
    load: (access, { open, leaveOut }) => loadArchive(point, { ...settings, access, open, leaveOut, whenServerGone: 'TargetUnreachable' }),
  };
}

async function prepareSegments(order: RestoreOrder, ports: RestorePorts, point: StoredPoint, signal: AbortSignal): Promise<PreparedLoad> {
  const { selection = {}, scratchDir } = order;
  const archive = await openArchive(point, signal);
  const selected = selectFrom(archive.toc, selection);
  const wanted = archive.segments.filter(({ tableDumpId }) => selected.hasRows(tableDumpId));
  await checkSegments(point, wanted, signal, ports.moved);
  await writeContents(archive, archiveFile(scratchDir));
  const dumpIds = archive.toc.entries.map(({ dumpId }) => dumpId).filter(selected.isSelected);
  return {
    dumpIds: isEverything(selection) ? undefined : dumpIds,
    notes: selected.notes,
    load: (access, steps) => loadSegments(order, ports, { ...steps, access, point, archive, selected }, signal),
  };
}
