/** What is said to the server and to pg_dump of a table that is read in segments. */
import type { PageRange } from './choose-segments.ts';

/** Reading of rows is the same in every session as in pg_dump's; the rest keeps the server from ending, or parallelising, a session. */
export const SESSION_SETTINGS = [
  `SET search_path = ''`,
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  'SET DateStyle = ISO',
  'SET IntervalStyle = POSTGRES',
  'SET extra_float_digits = 3',
  'SET synchronize_seqscans = off',
  'SET row_security = off',
  'SET client_encoding = UTF8',
  'SET standard_conforming_strings = on',
  'SET enable_tidscan = on',
  'SET max_parallel_workers_per_gather = 0',
  'SET jit = off',
].join('; ');

/** What pg_dump's own files of rows end with, and every segment: a script in which something follows needs the empty lines. */
export const END_OF_ROWS = '\\.\n\n\n';

/** @param table and @param columns quoted as in SQL */
export function copySegment(table: string, columns: string, encoding: string, { fromPage, toPage }: PageRange): string {
  const options = `(ENCODING '${encoding.replaceAll("'", "''")}')`;
  const bounds = [...(fromPage > 0 ? [`ctid >= '(${fromPage},0)'`] : []), ...(toPage === undefined ? [] : [`ctid < '(${toPage},0)'`])];
  // A whole table goes without the executor.
  if (bounds.length === 0) return `COPY ${table} (${columns}) TO STDOUT ${options}`;
  return `COPY (SELECT ${columns} FROM ONLY ${table} WHERE ${bounds.join(' AND ')}) TO STDOUT ${options}`;
}

/** A name in a pattern of pg_dump: between quotes nothing but a quote means anything. */
const literal = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const excludeTableData = (schema: string, name: string) => `--exclude-table-data=${literal(schema)}.${literal(name)}`;

const isAscii = (text: string) => Buffer.byteLength(text) === text.length;
/**
 * Arguments of programs are bytes that Node writes as UTF-8, and pg_dump reads in the encoding of the server; and a name that is no
 * UTF-8 at all (in a SQL_ASCII database) reaches us with replacement characters.
 */
export const canBeNamed = (encoding: string, names: { schema: string; name: string; columns: string }): boolean => {
  if ([names.schema, names.name, names.columns].some((name) => name.includes('\uFFFD'))) return false;
  return encoding === 'UTF8' || encoding === 'SQL_ASCII' || (isAscii(names.schema) && isAscii(names.name));
};
