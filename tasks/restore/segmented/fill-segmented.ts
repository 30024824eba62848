/** A new database filled from a segmented point. A run that is killed leaves it to the next try, which goes on where it stopped. */
import { createHash, randomUUID } from 'node:crypto';
import { withLibpqAccess } from '../../../adapters/postgres/libpq.ts';
import { openLoadSession, type LoadSession, type OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import type { Selected } from '../../../core/archive/select.ts';
import { FAILURES } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import type { Marker, RestorePhase } from '../../../core/restore/half-made.ts';
import { restoreLoginOf } from '../../../core/restore/restore-login.ts';
import { HalfMadeDatabaseKept, HalfMadeDatabaseLeft, RestoreTakenOver } from '../errors.ts';
import { archiveFile } from '../load-archive.ts';
import { explain, grantsOf, lastNotes, removeHalfMade, runInside, type Prepared } from '../new-database.ts';
import { provideRoles } from '../preflight.ts';
import type { RestoreOrder, RestorePorts } from '../run-restore.ts';
import { asTargetFailure, closeDatabase, createTargetDatabase, dropDatabase, renameDatabase } from '../target.ts';
import type { SegmentedArchive } from './archive.ts';
import { loadSegmented } from './load-segmented.ts';
import { enterPhase, isHolder, makeProgress, readProgress, removeProgress, type ProgressTable } from './progress.ts';
import { clearEnd, takeUp } from './take-up.ts';

export type SegmentedFill = Prepared & {
  archive: SegmentedArchive;
  selected: Selected;
  /** What this restore is, in one text. */
  identity: string;
  progressSchema: string;
  /** What an earlier try left. */
  halfMade: Marker | undefined;
  /** Into the database. */
  open: OpenLoadSession;
};

const TRIES_OF_A_SEGMENT = 4;
const SERVER_SETTINGS = '-c synchronous_commit=off -c maintenance_work_mem=256MB';

/** @returns what a person has to know of it, and what removes the last traces once that is recorded */
export async function fillSegmented(
  order: RestoreOrder,
  ports: RestorePorts,
  fill: SegmentedFill,
  signal: AbortSignal,
): Promise<{ notes: string[]; finish: () => Promise<void> }> {
  const { database } = order;
  const { target, halfMade, open } = fill;
  const table: ProgressTable = { schema: fill.progressSchema, holder: randomUUID() };
  const within: Within = async (work) => {
    const session = await open();
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  const roleNotes = await provideRoles(target, fill.preflight);
  signal.throwIfAborted();
  let phase: RestorePhase = 'schema';
  let notes = [...(halfMade?.notes ?? []), ...roleNotes];
  if (halfMade !== undefined) {
    phase = await within((session) => takeUp(session, table));
    ports.report(`The database ${JSON.stringify(database)} is half made by an earlier try of this restore, and is taken up again`);
  }
  if (phase === 'schema') {
    if (halfMade !== undefined) await dropDatabase(target.connection, database);
    notes = await makeDatabase(order, ports, fill, table, notes);
  }
  const enter = async (next: RestorePhase) => {
    await within((session) => enterPhase(session, table, next));
    phase = next;
  };
  try {
    if (phase !== 'done') await load(order, ports, fill, { table, within, from: phase, enter }, signal);
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : asTargetFailure(error);
    throw await endHalfMade(order, ports, fill, { phase, notes, isOurs: () => within((session) => isHolder(session, table)) }, cause);
  }
  return {
    notes: [...notes, ...fill.selected.notes, ...lastNotes(order, fill)],
    finish: () => within((session) => removeProgress(session, table)),
  };
}

type Within = <T>(work: (session: LoadSession) => Promise<T>) => Promise<T>;

/**
 * Under a name of its own until it says of itself what it is: a database that has the right name and says nothing is never ours.
 * @returns notes
 */
async function makeDatabase(
  { database }: RestoreOrder,
  { login, report }: RestorePorts,
  { target, point, applicationName, identity }: SegmentedFill,
  table: ProgressTable,
  notes: string[],
): Promise<string[]> {
  const unnamed = `holdfast_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
  await dropDatabase(target.connection, unnamed);
  // An earlier try may have said the same.
  const all = [...new Set([...notes, ...(await createTargetDatabase(target, unnamed, point.manifest.source))])];
  try {
    await closeDatabase(target.connection, unnamed);
    const session = await openLoadSession({ ...login, database: unnamed }, applicationName);
    try {
      await makeProgress(session, table, identity, all);
    } finally {
      await session.close();
    }
    await renameDatabase(target.connection, unnamed, database);
  } catch (error) {
    await dropDatabase(target.connection, unnamed).catch(() => {
      throw new HalfMadeDatabaseLeft(unnamed, asTargetFailure(error));
    });
    throw error;
  }
  report(`The database ${JSON.stringify(database)} is made and is being filled`);
  return all;
}

type LoadParts = { table: ProgressTable; within: Within; from: RestorePhase; enter: (phase: RestorePhase) => Promise<void> };

async function load(
  order: RestoreOrder,
  { login, moved, report }: RestorePorts,
  fill: SegmentedFill,
  { table, within, from, enter }: LoadParts,
  signal: AbortSignal,
): Promise<void> {
  const { asset, database, scratchDir, path } = order;
  const { point, archive, selected, applicationName, open } = fill;
  const { noOwner, noPrivileges } = restoreLoginOf(asset);
  const inside = { ...login, database };
  const grants = grantsOf(order, fill);
  const progress = await within((session) => readProgress(session, table));
  if (from === 'rows') report(`${progress.finished} parts of the rows were loaded before`);
  await runInside(inside, applicationName, grants.before);
  await withLibpqAccess(inside, { scratchDir, path, applicationName }, (access) =>
    loadSegmented(point, archive, {
      access,
      path,
      contents: archiveFile(scratchDir),
      selected,
      open,
      progress,
      from,
      async enter(next) {
        await enter(next);
        report(next === 'rows' ? 'Rows are being loaded' : 'The rows are loaded; indexes and constraints are being made');
      },
      clearEnd: () => within(clearEnd),
      options: [...(noOwner ? ['--no-owner'] : []), ...(noPrivileges ? ['--no-privileges'] : [])],
      serverSettings: SERVER_SETTINGS,
      jobs: asset.drill.jobs,
      tries: TRIES_OF_A_SEGMENT,
      whenServerGone: 'TargetUnreachable',
      signal,
      moved,
    }),
  );
  await runInside(inside, applicationName, grants.after);
  await enter('done');
}

type HalfMade = { phase: RestorePhase; notes: string[]; isOurs: () => Promise<boolean> };

/** The error to throw. What the next try can go on with is kept, unless another try is of no use or nothing was loaded yet. */
async function endHalfMade(
  order: RestoreOrder,
  { login, report }: RestorePorts,
  { target, applicationName }: SegmentedFill,
  { phase, notes, isOurs }: HalfMade,
  cause: unknown,
): Promise<unknown> {
  if (cause instanceof RestoreTakenOver) return cause;
  // Another run may have taken it over without a word to this one. Where that cannot be asked, nothing can be dropped either.
  const stillOurs = await isOurs().catch(() => undefined);
  if (stillOurs === false) return new RestoreTakenOver();
  if (cause instanceof HoldfastError && phase !== 'schema' && FAILURES[cause.failure].isRetryable)
    return new HalfMadeDatabaseKept(order.database, cause);
  if (stillOurs === undefined) return new HalfMadeDatabaseLeft(order.database, cause);
  await removeHalfMade(order, login, target.connection, applicationName, cause, report);
  return explain(cause, notes);
}
