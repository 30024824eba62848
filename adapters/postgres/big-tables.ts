/** The tables of the source, as far as their sizes and how to read them go. */
import { z } from 'zod';
import { pagesToSample } from '../../core/backup/choose-segments.ts';
import type { SourceConnection } from './connection.ts';

/**
 * The hash of an enum's value is of its oid, which is another in every database: rows belong to another partition there. pg_dump has
 * them loaded through the partitioned table.
 */
const HASHED_BY_ENUM = `SELECT FROM pg_partition_ancestors(c.oid) JOIN pg_partitioned_table ON partrelid = relid
            JOIN pg_opclass o ON o.oid = ANY (partclass) WHERE partstrat = 'h' AND opcname = 'enum_ops'`;

/** PostgreSQL reads a range of pages without the rest of the table since then. */
const isReadable = `c.relkind = 'r' AND c.relpersistence = 'p' AND a.amname = 'heap'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
          AND NOT (c.relispartition AND EXISTS (${HASHED_BY_ENUM}))`;

const COLUMNS = `coalesce((SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
          WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), '')`;

/** A server that knows no encoding sends names as they are: bytes that are no UTF-8 would be an error, in place of all names. */
const isToldAsText = `(current_setting('server_encoding') <> 'SQL_ASCII' OR n.nspname || c.relname || ${COLUMNS} ~ '^[\\x01-\\x7f]*$')`;

export type ListedTable = { oid: string; schema: string; name: string; columns: string; bytes: number };
export type ListedTables = {
  tables: ListedTable[];
  /** Of everything that has rows and is not listed: large objects, tables of extensions and the like. */
  otherBytes: number;
};

/** What may be read in segments; nothing of it is locked, so that all of it may have changed a moment later. */
export async function listTables({ query }: SourceConnection): Promise<ListedTables> {
  const rows = await query<{ oid: string; schema: string; name: string; columns: string; bytes: string; readable: boolean }>(
    'list the tables',
    `SELECT c.oid::text, coalesce(pg_table_size(c.oid), 0)::text AS bytes, told AND ${isReadable} AS readable,
            CASE WHEN told THEN n.nspname ELSE '' END AS schema, CASE WHEN told THEN c.relname ELSE '' END AS name,
            CASE WHEN told THEN ${COLUMNS} ELSE '' END AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam, LATERAL (SELECT ${isToldAsText} AS told) t
      WHERE c.relkind = 'r' AND (c.oid = 'pg_catalog.pg_largeobject'::regclass
            OR c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')`,
  );
  const isCandidate = (row: (typeof rows)[number]) => row.readable && row.columns !== '' && row.schema !== 'pg_catalog';
  const tables = rows
    .filter(isCandidate)
    .map(({ oid, schema, name, columns, bytes }) => ({ oid, schema, name, columns, bytes: Number(bytes) }));
  const otherBytes = rows.filter((row) => !isCandidate(row)).reduce((sum, row) => sum + Number(row.bytes), 0);
  return { tables, otherBytes };
}

export type LockedTable = {
  oid: string;
  schema: string;
  name: string;
  /** `schema.table` and the columns to copy, quoted as in SQL. */
  table: string;
  columns: string;
  /** `COPY … FROM stdin;` in the encoding of the server, as the TOC of an archive holds it: bytes as latin1. */
  copy: string;
  pages: number;
  pageBytes: number;
  bytes: number;
  /** Columns that may be stored out of line. */
  longColumns: string[];
};

/** Of tables that are locked, inside the snapshot: this is what will be read. Those that are not what they were are not among them. */
export async function readLockedTables({ query }: SourceConnection, oids: readonly string[]): Promise<LockedTable[]> {
  const rows = await query<
    Record<'oid' | 'schema' | 'name' | 'table' | 'columns' | 'copy' | 'pages' | 'page_bytes' | 'bytes' | 'long', string>
  >(
    'read the tables to segment',
    `SELECT oid::text, schema, name, quoted AS table, columns,
            encode(convert_to('COPY ' || quoted || ' (' || columns || E') FROM stdin;\\n', current_setting('server_encoding')), 'hex') AS copy,
            (pg_relation_size(oid) / current_setting('block_size')::int)::text AS pages, current_setting('block_size') AS page_bytes,
            pg_table_size(oid)::text AS bytes, long
       FROM (SELECT c.oid, n.nspname AS schema, c.relname AS name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted,
                    ${COLUMNS} AS columns,
                    (SELECT coalesce(json_agg(quote_ident(attname)), '[]')::text FROM pg_attribute
                      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attstorage IN ('x', 'e')) AS long
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
              WHERE c.oid = ANY ($1::oid[]) AND ${isReadable}) t`,
    [oids],
  );
  return rows.map(({ copy, page_bytes: pageBytes, long, ...row }) => ({
    ...row,
    copy: Buffer.from(copy, 'hex').toString('latin1'),
    pages: Number(row.pages),
    pageBytes: Number(pageBytes),
    bytes: Number(row.bytes),
    longColumns: z.array(z.string()).parse(JSON.parse(long)),
  }));
}

const MOST_SAMPLES = 200;
/** Less than this beside the pages themselves, and where it is does not matter. */
const OUT_OF_LINE_MATTERS = 1 / 4;
/** A value that is not compressed away or moved out is at most this: it counts as part of its page. */
const INLINE_BYTES = 2000;

/** Bytes out of line of the rows on sampled pages, in order; none when nearly all of the table is in its pages. Only lengths are read. */
export async function sampleOutOfLine({ query }: SourceConnection, table: LockedTable): Promise<number[]> {
  const inPages = table.pages * table.pageBytes;
  if (table.longColumns.length === 0 || table.bytes - inPages < inPages * OUT_OF_LINE_MATTERS) return [];
  const weight = table.longColumns
    .map((column) => `coalesce(nullif(greatest(pg_column_size(${column}), ${INLINE_BYTES}), ${INLINE_BYTES}), 0)`)
    .join(' + ');
  const samples = pagesToSample(table.pages, MOST_SAMPLES).map(
    (page, number) =>
      `SELECT ${number} AS number, coalesce(sum(${weight}), 0)::text AS bytes FROM ONLY ${table.table}
        WHERE ctid >= '(${page},0)' AND ctid < '(${page + 1},0)'`,
  );
  const rows = await query<{ bytes: string }>('weigh pages of a table', `${samples.join(' UNION ALL ')} ORDER BY number`);
  return rows.map(({ bytes }) => Number(bytes));
}

/**
 * A table whose rows, as pg_dump will read them, are not those of the snapshot: between snapshot and lock it got a new file (TRUNCATE,
 * ALTER TABLE with a rewrite) or none. To be asked, in the snapshot, once pg_dump holds its locks.
 */
export async function findRewrittenTable({ query }: SourceConnection): Promise<string | undefined> {
  const [row] = await query<{ table: string }>(
    'compare the files of the tables',
    `SELECT n.nspname || '.' || c.relname AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid) LIMIT 1`,
  );
  return row?.table;
}

/** A table that nobody else may read while its holder goes on. */
export async function findHeldTable({ query }: SourceConnection): Promise<string | undefined> {
  const [row] = await query<{ table: string }>(
    'look who holds a table',
    `SELECT n.nspname || '.' || c.relname AS table FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
       JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid() AND c.relkind = 'r' ORDER BY l.granted DESC LIMIT 1`,
  );
  return row?.table;
}

/** A table that a session of the dump waits for behind somebody who himself waits for this session. */
export async function findAwaitedTable({ query }: SourceConnection): Promise<string | undefined> {
  const [row] = await query<{ table: string }>(
    'look who waits for the dump',
    `SELECT n.nspname || '.' || c.relname AS table FROM pg_locks own JOIN pg_stat_activity a ON a.pid = own.pid
       JOIN pg_class c ON c.oid = own.relation JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT own.granted AND a.application_name = current_setting('application_name')
        AND EXISTS (SELECT FROM unnest(pg_blocking_pids(own.pid)) b (pid) WHERE pg_backend_pid() = ANY (pg_blocking_pids(b.pid))) LIMIT 1`,
  );
  return row?.table;
}
