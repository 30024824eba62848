/** Numbers out of the restored database. A dump is code: what it made is asked read-only, for one number, for a limited time. */
import { DatabaseError } from 'pg';
import type { ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import type { Measured } from '../../core/drill/evaluate-checks.ts';
import { tableKeyOf } from '../../core/restore/table-name.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';

/** The one value of one statement, read in a transaction that can change nothing. Errors of the statement are an answer. */
export async function measureNumber(database: Pick<ThrowawayConnection, 'query'>, sql: string, timeoutSeconds: number): Promise<Measured> {
  const rows = await readRows(database, sql, timeoutSeconds);
  if (!Array.isArray(rows)) return rows;
  const value = rows[0]?.[0];
  if (rows.length !== 1) return { problem: `${rows.length} rows` };
  if (rows[0]?.length !== 1) return { problem: `${rows[0]?.length} columns` };
  return value === null || value === undefined ? { problem: 'NULL' } : { number: value };
}

export async function readRows(
  database: Pick<ThrowawayConnection, 'query'>,
  sql: string,
  timeoutSeconds: number,
): Promise<(string | null)[][] | { problem: string }> {
  await database.query('BEGIN READ ONLY');
  try {
    await database.query(`SET LOCAL statement_timeout = ${Math.ceil(timeoutSeconds * 1000)}`);
    return await database.query(sql);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { problem: `SQLSTATE ${error.code ?? 'unknown'}` };
  } finally {
    // The error above counts; when the connection is gone, so is the transaction.
    await database.query('ROLLBACK').catch(() => undefined);
  }
}

export type RestoredTable = {
  schema: string;
  name: string;
  /** Keys of its leaf partitions; undefined for a table that is not partitioned. */
  partitions: string[] | undefined;
};

/** Tables of the restored database by their key. */
export async function readTables(database: Pick<ThrowawayConnection, 'query'>): Promise<Map<string, RestoredTable>> {
  const rows = await database.query(`
    SELECT n.nspname, c.relname,
      CASE WHEN c.relkind = 'p' THEN (
        SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(ln.nspname, l.relname)), '[]')
        FROM pg_catalog.pg_partition_tree(c.oid) t
        JOIN pg_catalog.pg_class l ON l.oid = t.relid JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
        WHERE t.isleaf) END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'`);
  return new Map(
    rows.map(([schema, name, partitions]) => [
      tableKeyOf(schema ?? '', name ?? ''),
      { schema: schema ?? '', name: name ?? '', partitions: partitions ? leafKeys(partitions) : undefined },
    ]),
  );
}

const leafKeys = (json: string): string[] => (JSON.parse(json) as [string, string][]).map(([schema, table]) => tableKeyOf(schema, table));

/** Rows of a table itself: what inherits from it has a count of its own, as it has a COPY of its own in the archive. */
export async function countRows(
  database: Pick<ThrowawayConnection, 'query'>,
  table: RestoredTable | undefined,
  timeoutSeconds: number,
): Promise<Measured> {
  if (!table) return { problem: 'no such table' };
  const name = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  return measureNumber(database, `SELECT pg_catalog.count(*) FROM ${table.partitions ? '' : 'ONLY '}${name}`, timeoutSeconds);
}
