/** What a database may hold: one file for one kind of thing. Each source lives in the schema of its name, so that a difference names it. */
import type { Client } from 'pg';

export type Making = {
  /** Of the server that the source is made on. */
  major: number;
  /** Extensions that the server could be given. */
  extensions: ReadonlySet<string>;
  /** A role of this run: `owner`, `reader`, `writer`. Quoted. */
  role: (name: RoleName) => string;
  /** Full counts instead of a sample. */
  isSoak: boolean;
};

export const ROLES = ['owner', 'reader', 'writer', 'Odd "one"'] as const;
export type RoleName = (typeof ROLES)[number];

export type Source = {
  /** Its schema. */
  name: string;
  /** What is in it, and why that could be lost. */
  what: string;
  sql: (making: Making) => string | readonly string[];
  /** Absent: every server can make it. */
  needs?: (making: Making) => boolean;
};

/** Makes one source in a database; tables without a schema in its SQL are made in the source's. */
export async function makeSource(client: Client, source: Source, making: Making): Promise<void> {
  await client.query(`CREATE SCHEMA ${source.name}; SET search_path TO ${source.name}`);
  const sql = source.sql(making);
  for (const part of typeof sql === 'string' ? [sql] : sql) await client.query(part);
  await client.query('RESET search_path; RESET ROLE; RESET session_replication_role');
}
