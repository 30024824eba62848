/**
 * Opens the source for a segmented dump: which tables are read in segments, locks on them, the one snapshot, and the threads that
 * hold both too. The order matters: a table that was locked before the snapshot cannot be truncated or altered in between, and
 * pg_dump starts when every session has what it needs.
 */
import { findHeldTable, listTables, readLockedTables, sampleOutOfLine } from '../../../adapters/postgres/big-tables.ts';
import type { ListedTable, LockedTable } from '../../../adapters/postgres/big-tables.ts';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { PostgresFailed, SourceChanged } from '../../../adapters/postgres/errors.ts';
import { openSnapshot } from '../../../adapters/postgres/snapshot.ts';
import type { Snapshot } from '../../../adapters/postgres/snapshot.ts';
import { chooseSegmentBytes, cutTable, SEGMENT_LIMITS } from '../../../core/backup/choose-segments.ts';
import type { PageRange, SegmentLimits } from '../../../core/backup/choose-segments.ts';
import { selectSegmentedTables, TABLE_LIMITS } from '../../../core/backup/choose-tables.ts';
import type { TableLimits } from '../../../core/backup/choose-tables.ts';
import { canBeNamed } from '../../../core/backup/segment-sql.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';

export type SegmentedTable = LockedTable & { ranges: PageRange[] };
export type OpenSource = { snapshot: Snapshot; tables: SegmentedTable[] };

export type OpenSettings = {
  major: number;
  workers: number;
  lockMilliseconds: number;
  tableLimits?: Partial<TableLimits> | undefined;
  segmentLimits?: Partial<SegmentLimits> | undefined;
  /** One of many things was done: thousands of locks, each of them waited for a little, are no stall. */
  moved: () => void;
  signal: AbortSignal;
};

/** Between a list of tables and their locks anything may happen to them, though hardly five times in a row. */
const TRIES = 5;
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_SCHEMA = '3F000';
const WRONG_KIND = '42809';
const LOCK_NOT_AVAILABLE = '55P03';
const RANGES_SINCE_MAJOR = 14;
const WAIT_MILLISECONDS = 2_000;

/**
 * @param prepare makes the threads hold snapshot and locks; called again, with another snapshot, when a table changed meanwhile
 * Throws PostgresFailed, SourceChanged.
 */
export async function openSource(
  connection: SourceConnection,
  settings: OpenSettings,
  prepare: (source: OpenSource) => Promise<void>,
): Promise<OpenSource> {
  for (let attempt = 1; ; attempt++) {
    settings.signal.throwIfAborted();
    try {
      const source = await openOnce(connection, settings);
      await prepare(source);
      return source;
    } catch (error) {
      if (!mayBeOpenedAgain(error)) throw error;
      if (attempt === TRIES) throw afterLastTry(error);
      // Whoever waits for our locks gets on with it.
      await connection.query('give up the snapshot', 'ROLLBACK');
    }
  }
}

/** A coordinator that waited for a lock as long as the plan allows does not wait again; a thread never waits. */
class LockTimedOut extends PostgresFailed {}

/** Of a table that is listed and not there, or something else, once it is to be locked. */
const CHANGED = [UNDEFINED_TABLE, UNDEFINED_SCHEMA, WRONG_KIND];

const mayBeOpenedAgain = (error: unknown) =>
  error instanceof SourceChanged ||
  (error instanceof PostgresFailed && !(error instanceof LockTimedOut) && [...CHANGED, LOCK_NOT_AVAILABLE].includes(error.sqlstate ?? ''));

/** Somebody makes and drops tables all the time: nothing is wrong with the dump, and it is worth another try. */
const afterLastTry = (error: unknown): unknown =>
  error instanceof PostgresFailed && CHANGED.includes(error.sqlstate ?? '')
    ? new SourceChanged(error.object ?? 'to be read', `was dropped or replaced before it was locked, ${TRIES} times in a row`)
    : error;

async function openOnce(connection: SourceConnection, settings: OpenSettings): Promise<OpenSource> {
  const { major, workers } = settings;
  const chosen = await chooseTables(connection, settings);
  const snapshot = await openSnapshot(connection, major, () => lockTables(connection, chosen, settings));
  const oids = chosen.map(({ oid }) => oid);
  const tables = oids.length === 0 ? [] : await readLockedTables(connection, oids);
  for (const { oid, schema, name } of chosen) {
    const locked = tables.find((table) => table.oid === oid);
    // Its name may be another table's by now, and that is what was locked.
    if (locked?.schema !== schema || locked.name !== name || !canBeNamed(snapshot.facts.encoding, locked))
      throw new SourceChanged(`${schema}.${name}`, 'was altered, renamed or dropped before it was locked');
  }
  const totalBytes = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const segmentBytes = chooseSegmentBytes(totalBytes, workers, { ...SEGMENT_LIMITS, ...settings.segmentLimits });
  const segmented: SegmentedTable[] = [];
  for (const table of tables) {
    const samples = table.bytes > segmentBytes ? await sampleOutOfLine(connection, table) : [];
    settings.moved();
    segmented.push({ ...table, ranges: cutTable({ ...table, samples }, segmentBytes) });
  }
  return { snapshot, tables: segmented };
}

async function chooseTables(connection: SourceConnection, settings: OpenSettings): Promise<ListedTable[]> {
  const { major, workers, tableLimits } = settings;
  if (major < RANGES_SINCE_MAJOR) return [];
  const [row] = await connection.query<{ encoding: string }>(
    'read the encoding of the server',
    `SELECT current_setting('server_encoding') AS encoding`,
  );
  const { tables, otherBytes } = await listPatiently(connection, settings);
  const namable = tables.filter((table) => canBeNamed(row?.encoding ?? '', table));
  const unnamable = tables.filter((table) => !namable.includes(table));
  const restBytes = unnamable.reduce((sum, { bytes }) => sum + bytes, otherBytes);
  return selectSegmentedTables(namable, { restBytes, workers, limits: { ...TABLE_LIMITS, ...tableLimits } });
}

/** The size of a table cannot be asked while somebody waits to alter it. */
async function listPatiently(connection: SourceConnection, settings: OpenSettings): ReturnType<typeof listTables> {
  await connection.query('limit the waiting for locks', `SET lock_timeout = ${WAIT_MILLISECONDS}`);
  for (let left = settings.lockMilliseconds; ; left -= WAIT_MILLISECONDS) {
    settings.signal.throwIfAborted();
    try {
      return await listTables(connection);
    } catch (error) {
      const isBusy = error instanceof PostgresFailed && error.sqlstate === LOCK_NOT_AVAILABLE;
      if (!isBusy) throw error;
      if (left > WAIT_MILLISECONDS) continue;
      const object = await findHeldTable(connection);
      throw new LockTimedOut('list the tables', { failure: error.failure, sqlstate: error.sqlstate, object });
    }
  }
}

async function lockTables(connection: SourceConnection, tables: readonly ListedTable[], settings: OpenSettings): Promise<void> {
  if (tables.length === 0) return;
  // None of this takes a snapshot.
  await connection.query('read every row or none', 'SET LOCAL row_security = off');
  for (const table of tables) {
    await lockTable(connection, table, settings);
    settings.moved();
  }
  await connection.query('lift the limit again', 'SET LOCAL lock_timeout = 0');
}

/** Waits a little at a time: a statement that waits for a lock does not hear that the task is to stop. */
async function lockTable(connection: SourceConnection, { schema, name }: ListedTable, settings: OpenSettings): Promise<void> {
  const table = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  for (let left = Math.max(1, Math.round(settings.lockMilliseconds)); ; left -= WAIT_MILLISECONDS) {
    settings.signal.throwIfAborted();
    try {
      await connection.query(
        'lock a table',
        `SET LOCAL lock_timeout = ${Math.min(left, WAIT_MILLISECONDS)}; SAVEPOINT locking; LOCK TABLE ONLY ${table} IN ACCESS SHARE MODE; RELEASE locking`,
      );
      return;
    } catch (error) {
      if (!(error instanceof PostgresFailed)) throw error;
      const isBusy = error.sqlstate === LOCK_NOT_AVAILABLE;
      if (!isBusy || left <= WAIT_MILLISECONDS) {
        const named = { failure: error.failure, sqlstate: error.sqlstate, object: `${schema}.${name}` };
        throw isBusy ? new LockTimedOut('lock a table', named) : new PostgresFailed('lock a table', named);
      }
      await connection.query('wait for the lock again', 'ROLLBACK TO locking');
    }
  }
}
