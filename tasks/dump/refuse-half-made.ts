/** A restore that has not ended leaves a database that is not whole: a point of it would be the newest, verified, and wrong. */
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { SourceHalfRestored } from '../../adapters/postgres/errors.ts';
import { readComment } from '../../core/restore/database-properties.ts';
import { PROGRESS_SCHEMA } from '../../core/restore/half-made.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';

/** Throws SourceHalfRestored, PostgresFailed. */
export async function refuseHalfMade({ query }: SourceConnection): Promise<void> {
  const tried = 'look whether a restore goes on in the database';
  const [database] = await query<{ name: string; comment: string | null }>(
    tried,
    `SELECT datname AS name, pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database
     WHERE datname = pg_catalog.current_database()`,
  );
  const name = database?.name ?? '';
  const { filledBy } = readComment(database?.comment ?? undefined);
  if (filledBy !== undefined) throw new SourceHalfRestored(name, `the restore ${filledBy} fills it and has not ended`);
  const [progress] = await query<{ columns: string | null; may_read: boolean | null }>(
    tried,
    `SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY a.attnum) AS columns,
       bool_and(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS may_read
     FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'restore' AND c.relkind = 'r'
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE n.nspname = $1`,
    [PROGRESS_SCHEMA],
  );
  if (progress?.columns !== 'identity,phase,holder,notes') return;
  // One that stands whole has it until it is what it replaces: nothing of it is missing.
  const phases = progress.may_read === true ? await query<{ phase: string }>(tried, `SELECT phase FROM ${PROGRESS}`) : [];
  if (phases.some(({ phase }) => phase === 'done')) return;
  throw new SourceHalfRestored(name, `it has the schema ${PROGRESS_SCHEMA} of a restore that has not ended`);
}

const PROGRESS = `${quoteIdentifier(PROGRESS_SCHEMA)}.restore`;
