/** What an earlier try of the same restore left: whether there is such a thing, and how it becomes this run's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { LoadSession, OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import { PROGRESS_SCHEMA, type Marker, type RestorePhase } from '../../../core/restore/half-made.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import { TargetUnfit } from '../errors.ts';
import { readMarker, takeOver, type ProgressTable } from './progress.ts';

/** Whether it is worth to look closer at a database that exists. One that the login may not enter it has not made. */
export async function mayBeHalfMade(open: OpenLoadSession): Promise<boolean> {
  const session = await open().catch((error: unknown) => {
    if (error instanceof PostgresFailed && error.failure !== 'SourceUnreachable' && error.failure !== 'SourceNotReady') return undefined;
    throw error;
  });
  if (session === undefined) return false;
  try {
    const sql = 'SELECT FROM pg_catalog.pg_namespace WHERE pg_catalog.starts_with(nspname, $1)';
    return (await session.query('look at the database', sql, [PROGRESS_SCHEMA])).length > 0;
  } finally {
    await session.close();
  }
}

/** Throws TargetUnfit when the database is anything but what this very restore left half made. */
export async function findHalfMade(database: string, open: OpenLoadSession, schema: string, identity: string): Promise<Marker> {
  const name = JSON.stringify(database);
  const session = await open();
  try {
    const marker = await readMarker(session, schema);
    if (marker === undefined) throw new TargetUnfit('TargetNotEmpty', name);
    if (marker.identity !== identity)
      throw new TargetUnfit(
        'TargetNotEmpty',
        `${name} is half made by a restore of another point, or of this one with other options`,
        `Choose another name; if nobody goes on with that restore, drop ${name}`,
      );
    return marker;
  } finally {
    await session.close();
  }
}

const QUIET_LOOKS = 3;
const LOOK_MILLISECONDS = 200;
const LONGEST_WAIT_MILLISECONDS = 30_000;

/**
 * Ends what an earlier run still does in the database: its own transactions finish nothing more, and its programs, which may have
 * outlived it, find no session. Answers how far that run had come by then. Throws TargetUnfit, PostgresFailed.
 */
export async function takeUp(session: LoadSession, table: ProgressTable): Promise<RestorePhase> {
  const phase = await takeOver(session, table);
  // Between two of its steps a program has no session for a moment.
  for (let quiet = 0, waited = 0; quiet < QUIET_LOOKS; waited += LOOK_MILLISECONDS) {
    const others = await session.query(
      'end the sessions of an earlier run',
      `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
       WHERE datname = pg_catalog.current_database() AND usename = current_user AND pid <> pg_catalog.pg_backend_pid()`,
    );
    quiet = others.length === 0 ? quiet + 1 : 0;
    if (waited >= LONGEST_WAIT_MILLISECONDS)
      throw new TargetUnfit('TargetUnreachable', 'sessions of an earlier run of this restore do not end');
    await sleep(LOOK_MILLISECONDS);
  }
  return phase;
}

/**
 * Drops event triggers, which may forbid what follows; of an extension's own are none that the restore made after the rows. And drops
 * the indexes of partitioned tables, with the keys that they serve: pg_restore's own clean-up goes through the partitions,
 * whose indexes cannot be dropped one by one.
 */
export async function clearEnd(session: LoadSession): Promise<void> {
  const tried = 'remove what an earlier try made after the rows';
  const triggers = await session.query<{ name: string }>(
    tried,
    `SELECT evtname AS name FROM pg_catalog.pg_event_trigger t WHERE NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND objid = t.oid AND deptype = 'e')`,
  );
  for (const { name } of triggers) await session.query(tried, `DROP EVENT TRIGGER ${quoteIdentifier(name)}`);
  const found = await session.query<{ index_schema: string; index: string; table_schema: string; table: string; key: string | null }>(
    tried,
    `SELECT n.nspname AS index_schema, i.relname AS index, tn.nspname AS table_schema, t.relname AS table, k.conname AS key
     FROM pg_catalog.pg_class i JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
       JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid
       JOIN pg_catalog.pg_class t ON t.oid = x.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
       LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u', 'x')
     WHERE i.relkind = 'I' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = i.oid)`,
  );
  const name = (schema: string, object: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(object)}`;
  for (const { index_schema, index, table_schema, table, key } of found)
    await session.query(
      tried,
      key === null
        ? `DROP INDEX ${name(index_schema, index)} CASCADE`
        : `ALTER TABLE ${name(table_schema, table)} DROP CONSTRAINT ${quoteIdentifier(key)} CASCADE`,
    );
}
