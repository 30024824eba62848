/** The server that a point is restored on: whether it can take a new database, the database itself, and its removal. */
import { connectToSource, type SourceConnection } from '../../adapters/postgres/connection.ts';
import { PostgresFailed } from '../../adapters/postgres/errors.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { createDatabaseStatements, LOCALE_UNKNOWN_STATES, majorOf } from '../../core/restore/database-statement.ts';
import type { TargetServer } from '../../core/restore/find-obstacles.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { TargetUnfit } from './errors.ts';

/** `rights` are those of the role that is logged in. */
export type Target = {
  connection: SourceConnection;
  serverMajor: number;
  /** Whether it has the database already. */
  exists: boolean;
  rights: Pick<TargetServer, 'login' | 'isSuperuser' | 'mayCreateDatabase' | 'mayCreateRoles'>;
};

const DUPLICATE_DATABASE = '42P04';
const DENIED = '42501';

/** Throws TargetUnfit: unreachable, login refused. */
export async function connectToTarget(login: SourceLogin, applicationName: string): Promise<SourceConnection> {
  try {
    return await connectToSource(login, applicationName);
  } catch (error) {
    if (!(error instanceof PostgresFailed)) throw error;
    const isRefused =
      error.failure === 'SourceLoginRefused' || error.failure === 'SourceGrantMissing' || error.failure === 'SourceTlsFailed';
    throw new TargetUnfit(isRefused ? 'TargetRefused' : 'TargetUnreachable', error.message, error.advice, { cause: error });
  }
}

/** A statement of the restore's own that the server refused, in the words of a restore: the connection speaks of a source. */
export function asTargetFailure(error: unknown): unknown {
  if (!(error instanceof PostgresFailed)) return error;
  const state = error.sqlstate ?? '';
  if (error.failure === 'SourceUnreachable' || error.failure === 'SourceNotReady')
    return new TargetUnfit('TargetUnreachable', error.message, undefined, { cause: error });
  const why = error.message.slice(error.message.indexOf(': ') + 2);
  if (state === DENIED) return new TargetUnfit('TargetRefused', why, undefined, { cause: error });
  if (state === '53100') return new TargetUnfit('DiskFull', why, undefined, { cause: error });
  const isCutOff = /^(08|57P)/.test(state) || error.failure === 'DumpInterruptedByServer';
  return new TargetUnfit(isCutOff ? 'TargetUnreachable' : 'RestoreFailed', why, undefined, { cause: error });
}

/** What nothing can be done about, and what the login may. Throws TargetUnfit. */
export async function inspectTarget(connection: SourceConnection, database: string, source: Manifest['source']): Promise<Target> {
  const [server] = await connection.query<{
    version: string;
    exists: boolean;
    is_superuser: boolean;
    may_create: boolean;
    may_create_roles: boolean;
    login: string;
  }>(
    'look at the target server',
    `SELECT current_setting('server_version') AS version, EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1) AS exists,
       rolsuper AS is_superuser, rolcreatedb AS may_create, rolcreaterole AS may_create_roles, current_user AS login
     FROM pg_catalog.pg_roles WHERE rolname = current_user`,
    [database],
  );
  if (!server) throw new TargetUnfit('TargetRefused', 'the login has no role');
  const serverMajor = majorOf(server.version);
  if (serverMajor < majorOf(source.version))
    throw new TargetUnfit(
      'TargetRefused',
      `the server is PostgreSQL ${server.version}, older than the source of the point (${source.version})`,
      'Restore on a server of the same major version or a newer one',
    );
  const { login, is_superuser: isSuperuser, may_create: mayCreateDatabase, may_create_roles: mayCreateRoles } = server;
  return { connection, serverMajor, exists: server.exists, rights: { login, isSuperuser, mayCreateDatabase, mayCreateRoles } };
}

/** An empty database like the source's, which nobody but its owner may enter. Throws TargetUnfit. */
export async function createTargetDatabase(
  { connection, serverMajor }: Target,
  database: string,
  source: Manifest['source'],
): Promise<string[]> {
  const ways = createDatabaseStatements(database, source, serverMajor);
  for (const { sql, isLike } of ways)
    try {
      await connection.query('create the database', sql);
      return isLike ? [] : [`The locale is C: the server does not have ${source.icuLocale ?? source.collate} (${source.localeProvider})`];
    } catch (error) {
      if (!(error instanceof PostgresFailed)) throw error;
      const state = error.sqlstate ?? '';
      if (state === DUPLICATE_DATABASE) throw new TargetUnfit('TargetNotEmpty', JSON.stringify(database), undefined, { cause: error });
      if (state === DENIED) throw new TargetUnfit('TargetRefused', 'it may not create a database', undefined, { cause: error });
      if (state === '53100') throw new TargetUnfit('DiskFull', 'the database could not be created', undefined, { cause: error });
      if (/^(08|57P)/.test(state)) throw new TargetUnfit('TargetUnreachable', 'while it created the database', undefined, { cause: error });
      if (!LOCALE_UNKNOWN_STATES.includes(state))
        throw new TargetUnfit('RestoreFailed', `the database could not be created (SQLSTATE ${state})`, undefined, { cause: error });
    }
  throw new TargetUnfit('RestoreFailed', `the server has neither the locale of the source nor C in the encoding ${source.encoding}`);
}

/** Undefined when there is none of this name. */
export async function readDatabaseOid({ query }: SourceConnection, database: string): Promise<string | undefined> {
  const [found] = await query<{ oid: string }>('look for the database', 'SELECT oid FROM pg_catalog.pg_database WHERE datname = $1', [
    database,
  ]);
  return found?.oid;
}

/** PostgreSQL lets everybody into a new database; this one may hold what its source's own grants kept from most. */
export const closeDatabase = ({ query }: SourceConnection, database: string): Promise<unknown> =>
  query('close the database to the public', `REVOKE CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(database)} FROM PUBLIC`);

/** Ends whatever uses it: only this task does. */
export const dropDatabase = ({ query }: SourceConnection, database: string): Promise<unknown> =>
  query('drop the half-made database', `DROP DATABASE IF EXISTS ${quoteIdentifier(database)} WITH (FORCE)`);

/** Throws TargetUnfit when there is such a database by now. */
export async function renameDatabase({ query }: SourceConnection, from: string, to: string): Promise<void> {
  try {
    await query('give the database its name', `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`);
  } catch (error) {
    if (error instanceof PostgresFailed && error.sqlstate === DUPLICATE_DATABASE)
      throw new TargetUnfit('TargetNotEmpty', JSON.stringify(to), undefined, { cause: error });
    throw error;
  }
}
