/**
 * The one view of the database that everything of a point is read from: a repeatable-read transaction whose snapshot the dumps
 * import. It stays open until the last of them has ended.
 */
import { readComment } from '../../core/restore/database-properties.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import type { SourceConnection } from './connection.ts';
import { PostgresFailed } from './errors.ts';
import { LIFT_TIME_LIMITS } from './snapshot-sql.ts';

type SourceFacts = Manifest['source'];
export type Snapshot = { id: string; consistentAt: Date; major: number; facts: SourceFacts };

/** The server's major version, without opening anything. */
export async function serverMajor({ query }: SourceConnection): Promise<number> {
  const [row] = await query<{ version: string }>('read the server version', `SELECT current_setting('server_version_num') AS version`);
  return Math.floor(Number(row?.version ?? 0) / 10_000);
}

/** @param lockFirst runs inside the transaction before its snapshot is taken: what it locks is in the snapshot as it was locked. */
export async function openSnapshot(
  connection: SourceConnection,
  major: number,
  lockFirst: () => Promise<void> = async () => undefined,
): Promise<Snapshot> {
  const { query } = connection;
  await query('lift the time limits of the session', LIFT_TIME_LIMITS);
  const systemIdentifier = await optional(connection, 'SELECT system_identifier::text AS value FROM pg_control_system()');
  const lsn = await optional(
    connection,
    'SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS value',
  );

  await query('begin the transaction of the snapshot', 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  await lockFirst();
  // now() is the instant of BEGIN, before the snapshot is taken by the first query (LOCK takes none): what was committed before it is in the dump. A
  // standby is as old as the last transaction that it replayed, whatever its clock says.
  const [taken] = await query<{ id: string; consistent_at: string }>(
    'export the snapshot',
    `SELECT pg_export_snapshot() AS id, to_char(
       (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_xact_replay_timestamp(), now()) ELSE now() END) AT TIME ZONE 'UTC',
       'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS consistent_at`,
  );
  if (taken === undefined) throw new PostgresFailed('export the snapshot', { failure: 'DumpFailed' });
  const facts = {
    ...(await readDatabase(connection, major)),
    ...defined({ systemIdentifier, lsn }),
    extensions: await readExtensions(connection),
  };
  return { id: taken.id, consistentAt: new Date(taken.consistent_at), major, facts };
}

type DatabaseRow = {
  version: string;
  database: string;
  encoding: string;
  collate: string;
  ctype: string;
  provider: string;
  icu_locale: string | null;
  size: string;
  comment: string | null;
};

async function readDatabase({ query }: SourceConnection, major: number) {
  const provider = major >= 15 ? `CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END` : `'libc'`;
  const icuLocale = major >= 17 ? 'datlocale' : major >= 15 ? 'daticulocale' : 'NULL';
  const [row] = await query<DatabaseRow>(
    'read the properties of the database',
    `SELECT current_setting('server_version') AS version, datname AS database, pg_encoding_to_char(encoding) AS encoding, datcollate AS collate,
            pg_catalog.shobj_description(oid, 'pg_database') AS comment, datctype AS ctype, ${provider} AS provider, ${icuLocale} AS icu_locale, pg_database_size(oid)::text AS size
       FROM pg_database WHERE datname = current_database()`,
  );
  if (row === undefined) throw new PostgresFailed('read the properties of the database', { failure: 'DumpFailed' });
  return {
    engine: 'postgres' as const,
    version: row.version,
    database: row.database,
    encoding: row.encoding,
    collate: row.collate,
    ctype: row.ctype,
    localeProvider: row.provider,
    ...defined({ icuLocale: row.icu_locale ?? undefined, mark: readComment(row.comment ?? undefined).mark }),
    sizeBytes: Number(row.size),
  };
}

const readExtensions = ({ query }: SourceConnection) =>
  query<{ name: string; version: string; schema: string }>(
    'list the extensions',
    `SELECT extname AS name, extversion AS version, nspname AS schema
       FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace ORDER BY extname`,
  );

/** Managed servers deny some of this to every customer: the point then goes without. Asked before the transaction, which an error would end. */
async function optional({ query, endedBy }: SourceConnection, sql: string): Promise<string | undefined> {
  try {
    const [row] = await query<{ value: string | null }>('read what the server may deny', sql);
    return row?.value ?? undefined;
  } catch (error) {
    if (endedBy() !== undefined) throw error;
    return undefined;
  }
}

const defined = <T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined)) as {
    [K in keyof T]?: string;
  };
