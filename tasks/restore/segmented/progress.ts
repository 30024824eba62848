/**
 * How far a restore has come, written in the new database itself: what is finished is said in the transaction that finished it, so
 * that a restore which was killed goes on without loading anything twice. The schema is gone when the restore has ended.
 */
import * as z from 'zod';
import type { LoadSession } from '../../../adapters/postgres/load-session.ts';
import { Marker, RestorePhase } from '../../../core/restore/half-made.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import { RestoreTakenOver } from '../errors.ts';
import { MAY_ALTER } from '../event-triggers.ts';

export type Progress = {
  isFinished(item: string): boolean;
  /**
   * Loads the item, unless it is finished, in a transaction that also says that it is. `isAgain`: a try before this one broke, and
   * nobody knows whether it had been committed. Throws RestoreTakenOver, or what `load` throws.
   */
  once(session: LoadSession, item: string, isAgain: boolean, load: () => Promise<number>): Promise<void>;
};

/** For a database that nobody will take up again: nothing is tried twice there. */
export function forgetfulProgress(): Progress {
  const items = new Set<string>();
  return {
    isFinished: (item) => items.has(item),
    async once(session, item, _isAgain, load) {
      if (items.has(item)) return;
      await inTransaction(session, load);
      items.add(item);
    },
  };
}

async function inTransaction(session: LoadSession, work: () => Promise<unknown>): Promise<void> {
  await session.query('begin to load rows', 'BEGIN');
  try {
    await work();
  } catch (error) {
    // What is gone has forgotten by itself.
    await session.query('forget rows', 'ROLLBACK').catch(() => undefined);
    throw error;
  }
  await session.query('commit rows', 'COMMIT');
}

/** Where progress is kept. `holder`: the run that may write it. */
export type ProgressTable = { schema: string; holder: string };

const TRIED = 'write how far the restore has come';
const tables = (schema: string) => ({
  restore: `${quoteIdentifier(schema)}.restore`,
  finished: `${quoteIdentifier(schema)}.finished`,
});

/** `notes`: what the first try has to tell, for the one that ends the restore. */
export async function makeProgress(
  session: LoadSession,
  { schema, holder }: ProgressTable,
  identity: string,
  notes: readonly string[],
): Promise<void> {
  const { restore, finished } = tables(schema);
  await session.query(TRIED, 'BEGIN');
  await session.query(TRIED, `CREATE SCHEMA ${quoteIdentifier(schema)}`);
  await session.query(TRIED, `REVOKE ALL ON SCHEMA ${quoteIdentifier(schema)} FROM PUBLIC`);
  await session.query(
    TRIED,
    `CREATE TABLE ${restore} (identity text NOT NULL, phase text NOT NULL, holder text NOT NULL, notes text NOT NULL)`,
  );
  await session.query(
    TRIED,
    `CREATE TABLE ${finished} (item text PRIMARY KEY, rows bigint NOT NULL, holder text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
  );
  await session.query(TRIED, `INSERT INTO ${restore} VALUES ($1, 'schema', $2, $3)`, [identity, holder, JSON.stringify(notes)]);
  await session.query(TRIED, 'COMMIT');
}

/** Undefined when the database has no such schema, or one that somebody else owns or made. */
export async function readMarker(session: LoadSession, schema: string): Promise<Marker | undefined> {
  const tried = 'read how far the restore came';
  const [owned] = await session.query<{ columns: string }>(
    tried,
    `SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY a.attnum) AS columns
     FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'restore'
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
     WHERE n.nspname = $1 AND d.datdba = n.nspowner AND n.nspowner = c.relowner AND c.relkind = 'r'
       AND n.nspowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)`,
    [schema],
  );
  if (owned?.columns !== 'identity,phase,holder,notes') return undefined;
  const [row] = await session.query(tried, `SELECT identity, phase, notes FROM ${tables(schema).restore}`);
  return Marker.safeParse(row).data;
}

/**
 * From now on nobody else's transactions finish anything. Waits for those that are just committing, and answers what the last of
 * them came to; undefined when by now it is another restore's.
 */
export async function takeOver(
  session: LoadSession,
  { schema, holder }: ProgressTable,
  identity: string,
): Promise<RestorePhase | undefined> {
  const sql = `UPDATE ${tables(schema).restore} SET holder = $1 WHERE identity = $2 RETURNING phase`;
  const [taken] = await session.query('take the restore over', sql, [holder, identity]);
  return taken && z.object({ phase: RestorePhase }).parse(taken).phase;
}

/** Whether this run is still the one that fills the database. Another one that has ended leaves nothing to ask. */
export async function isHolder(session: LoadSession, { schema, holder }: ProgressTable): Promise<boolean> {
  const { restore } = tables(schema);
  const [found] = await session.query<{ at: string | null }>('read who restores', 'SELECT pg_catalog.to_regclass($1)::text AS at', [
    restore,
  ]);
  if (!found?.at) return false;
  const rows = await session.query('read who restores', `SELECT FROM ${tables(schema).restore} WHERE holder = $1`, [holder]);
  return rows.length === 1;
}

/** `notes`: in place of those that were told before. Throws RestoreTakenOver, PostgresFailed. */
export async function enterPhase(
  session: LoadSession,
  { schema, holder }: ProgressTable,
  phase: RestorePhase,
  notes?: readonly string[],
): Promise<void> {
  const sql = `UPDATE ${tables(schema).restore} SET phase = $1, notes = COALESCE($3, notes) WHERE holder = $2 RETURNING phase`;
  const rows = await session.query(TRIED, sql, [phase, holder, notes === undefined ? null : JSON.stringify(notes)]);
  if (rows.length === 0) throw new RestoreTakenOver();
}

/** What is finished stays so: only the holder adds to it. */
export async function readProgress(session: LoadSession, table: ProgressTable): Promise<Progress & { finished: number }> {
  const { restore, finished } = tables(table.schema);
  const read = async (reading: LoadSession) => {
    const rows = await reading.query<{ item: string }>('read how far the restore came', `SELECT item FROM ${finished}`);
    return rows.map(({ item }) => item);
  };
  const items = new Set(await read(session));
  const look = async (looking: LoadSession) => {
    if (!(await isHolder(looking, table))) throw new RestoreTakenOver();
    for (const item of await read(looking)) items.add(item);
  };
  // The lock makes whoever takes over wait until this transaction has ended.
  const sql = `WITH ours AS (SELECT holder FROM ${restore} WHERE holder = $1 FOR SHARE)
    INSERT INTO ${finished} (item, rows, holder) SELECT $2, $3, holder FROM ours ON CONFLICT DO NOTHING RETURNING item`;
  return {
    finished: items.size,
    isFinished: (item) => items.has(item),
    async once(loading, item, isAgain, load) {
      if (isAgain) await look(loading);
      if (items.has(item)) return;
      await inTransaction(loading, async () => {
        const written = await loading.query(TRIED, sql, [table.holder, item, await load()]);
        if (written.length === 0) throw new NotToBeFinished();
      }).catch(async (error: unknown) => {
        if (!(error instanceof NotToBeFinished)) throw error;
        await look(loading);
        if (!items.has(item)) throw new RestoreTakenOver();
      });
      items.add(item);
    },
  };
}

/** The item was finished by a session whose end nobody saw, or by another run. */
class NotToBeFinished extends Error {}

/**
 * Nothing of it is left. The source's own event triggers are asleep meanwhile: what they watch for is not this. Those that the
 * server gave to somebody else, as managed ones do with an extension's, are none of the source's, and only their owner may touch them.
 * Throws RestoreTakenOver, PostgresFailed.
 */
export async function removeProgress(session: LoadSession, { schema, holder }: ProgressTable): Promise<void> {
  const tried = 'remove what told how far the restore came';
  const modes: Record<string, string> = { O: 'ENABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' };
  await session.query(tried, 'BEGIN');
  // Everything that was committed without waiting for the disk is on it when this is.
  await session.query(tried, 'SET LOCAL synchronous_commit = on');
  const ours = await session.query(tried, `SELECT FROM ${tables(schema).restore} WHERE holder = $1 FOR UPDATE`, [holder]);
  if (ours.length === 0) throw new RestoreTakenOver();
  const triggers = await session.query<{ name: string; mode: string }>(
    tried,
    `SELECT evtname AS name, evtenabled::text AS mode FROM pg_catalog.pg_event_trigger t WHERE evtenabled <> 'D' AND ${MAY_ALTER}`,
  );
  for (const { name } of triggers) await session.query(tried, `ALTER EVENT TRIGGER ${quoteIdentifier(name)} DISABLE`);
  await session.query(tried, `DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`);
  for (const { name, mode } of triggers)
    await session.query(tried, `ALTER EVENT TRIGGER ${quoteIdentifier(name)} ${modes[mode] ?? 'ENABLE'}`);
  await session.query(tried, 'COMMIT');
}
