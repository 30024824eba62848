/** Whether a restored database holds what its source does: rows, large objects, sequences, indexes and constraints. */
import type { Client } from 'pg';
import type { BenchPostgres } from '../servers/postgres.ts';

const TABLES = `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`;
const SEQUENCES = `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'S'`;
const LARGE_OBJECTS = `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(md5(data), loid::bigint * 100000 + pageno)), 0) AS is FROM pg_largeobject`;
const DEFINITIONS = `SELECT count(*) || ' ' || md5(string_agg(d, E'\\n' ORDER BY d)) AS is FROM (
  SELECT pg_get_indexdef(indexrelid) AS d FROM pg_index i JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'
  UNION ALL SELECT conrelid::regclass::text || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) x`;

/** Of everything in a database, by its name: how much, and a hash. */
export type Content = ReadonlyMap<string, string>;

/** The names of what differs; nothing when all is the same. */
export function differences(expected: Content, found: Content): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].filter((name) => expected.get(name) !== found.get(name));
}

export async function readContent(postgres: BenchPostgres, database: string): Promise<Content> {
  const client = await postgres.connect(database);
  const names = async (sql: string) => (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name);
  try {
    await client.query(`SET timezone = 'UTC'; SET search_path = ''`);
    const found = new Map([
      ['large objects', await answer(client, LARGE_OBJECTS)],
      ['indexes and constraints', await answer(client, DEFINITIONS)],
    ]);
    for (const table of await names(TABLES))
      found.set(
        table,
        await answer(client, `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS is FROM ${table} t`),
      );
    for (const sequence of await names(SEQUENCES))
      found.set(sequence, await answer(client, `SELECT last_value || ' ' || is_called AS is FROM ${sequence}`));
    return found;
  } finally {
    await client.end();
  }
}

const answer = async (client: Client, sql: string): Promise<string> => (await client.query<{ is: string }>(sql)).rows[0]?.is ?? '';
