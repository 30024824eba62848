/** What an earlier try of the same restore left: whether there is such a thing, and how it becomes this run's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { LoadSession, OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import { PROGRESS_SCHEMA, type Marker, type RestorePhase } from '../../../core/restore/half-made.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import { TargetUnfit } from '../errors.ts';
import { dropEventTriggers } from '../event-triggers.ts';
import { dropSubscriptions, type Query } from '../subscriptions.ts';
import { readMarker, takeOver, type ProgressTable } from './progress.ts';

export type HalfMade = Marker & { schema: string };

/** Why this restore may not have the database, unless an earlier try of it left it half made. One that the login may not enter it has not made. */
export async function findHalfMade(database: string, open: OpenLoadSession, identity: string): Promise<HalfMade | TargetUnfit> {
  const session = await open().catch((error: unknown) => {
    if (error instanceof PostgresFailed && error.failure !== 'SourceUnreachable' && error.failure !== 'SourceNotReady') return undefined;
    throw error;
  });
  const notOurs = new TargetUnfit('TargetNotEmpty', JSON.stringify(database));
  if (session === undefined) return notOurs;
  try {
    const sql = 'SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE pg_catalog.starts_with(nspname, $1)';
    const schemas = await session.query<{ name: string }>('look at the database', sql, [PROGRESS_SCHEMA]);
    let isOthers = false;
    for (const { name: schema } of schemas) {
      const marker = await readMarker(session, schema);
      if (marker?.identity === identity) return { ...marker, schema };
      isOthers ||= marker !== undefined;
    }
    return isOthers ? halfMadeByAnother(database) : notOurs;
  } finally {
    await session.close();
  }
}

function halfMadeByAnother(database: string): TargetUnfit {
  const name = JSON.stringify(database);
  return new TargetUnfit(
    'TargetNotEmpty',
    `${name} is half made by a restore of another point, or of this one with other options`,
    `Choose another name; if nobody goes on with that restore, DROP DATABASE ${quoteIdentifier(database)} WITH (FORCE)`,
  );
}

const QUIET_LOOKS = 3;
const LOOK_MILLISECONDS = 200;
const LONGEST_WAIT_MILLISECONDS = 30_000;

/**
 * Ends what an earlier run still does in the database: its own transactions finish nothing more, and its programs, which may have
 * outlived it, find no session. Answers how far that run had come by then. Throws TargetUnfit, PostgresFailed.
 */
export async function takeUp(session: LoadSession, table: ProgressTable, database: string, identity: string): Promise<RestorePhase> {
  const phase = await takeOver(session, table, identity);
  if (phase === undefined) throw halfMadeByAnother(database);
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
 * Drops event triggers first, which may forbid the rest. Drops subscriptions, of which pg_restore would have the publisher drop the source's slot. And drops the indexes of partitioned tables, with the keys that they serve: pg_restore's own clean-up goes through the partitions,
 * whose indexes cannot be dropped one by one.
 */
export async function clearEnd(session: LoadSession): Promise<void> {
  const tried = 'remove what an earlier try made after the rows';
  const query: Query = (what, sql) => session.query(what, sql);
  await dropEventTriggers(query);
  await dropSubscriptions(query);
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
