/** Our own connection to the source: the first to find out that the server is not ready, and why, by SQLSTATE. */
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client, DatabaseError } from 'pg';
import { classifyConnectError, classifyPgDumpOutput, classifySqlstate } from '../../core/failure/classify-postgres.ts';
import { endClient } from './end-client.ts';
import { PostgresFailed } from './errors.ts';
import { CONNECT_TIMEOUT_SECONDS, KEEPALIVE } from './libpq.ts';
import type { SourceLogin } from './source.ts';

const BOOL_OID = 16;

/** Sends one statement and gives its rows. Throws PostgresFailed, never the server's own text. */
export type Query = <Row extends object>(tried: string, sql: string, values?: unknown[]) => Promise<Row[]>;
export type SourceConnection = {
  query: Query;
  /** The server process that whoever answered the login named; a pooler names one of its own making. */
  processId: () => number | undefined;
  /** SQLSTATE of what ended the connection from the other side, if it was ended. */
  endedBy: () => string | undefined;
  end: () => Promise<void>;
};

/** Throws PostgresFailed with SourceUnreachable, SourceNotReady, SourceLoginRefused, SourceGrantMissing or SourceTlsFailed. */
export async function connectToSource(login: SourceLogin, applicationName: string): Promise<SourceConnection> {
  const { client, endedBy } = await connectClient(login, applicationName);
  return {
    query: async <Row extends object>(tried: string, sql: string, values: unknown[] = []) => {
      try {
        return (await client.query<Row>(sql, values)).rows;
      } catch (error) {
        throw queryFailed(tried, error, endedBy());
      }
    },
    processId: () => ('processID' in client && typeof client.processID === 'number' ? client.processID : undefined),
    endedBy,
    end: () => endClient(client),
  };
}

/** The driver's client, logged in. @param stream the socket to use, when it is not to be the driver's own */
export async function connectClient(
  login: SourceLogin,
  applicationName: string,
  stream?: () => Socket,
): Promise<{ client: Client; endedBy: () => string | undefined }> {
  const client = new Client({
    ...(stream === undefined ? {} : { stream }),
    host: login.host,
    port: login.port,
    database: login.database,
    user: login.user,
    password: login.password,
    ssl: tlsOptions(login),
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_SECONDS * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE.idleSeconds * 1000,
    // Values come as the server writes them: 64-bit numbers and instants with microseconds are not for JavaScript to round.
    types: { getTypeParser: (oid: number) => (oid === BOOL_OID ? (text: string) => text === 't' : (text: string) => text) },
  });
  let endedBy: string | undefined;
  // Without a listener a server that goes away would end the whole process.
  client.on('error', (error) => (endedBy ??= error instanceof DatabaseError ? error.code : '08006'));
  const where = `connect to ${login.host}:${login.port}/${login.database} as ${login.user}`;
  try {
    await client.connect();
  } catch (error) {
    await endClient(client);
    throw new PostgresFailed(where, classifyConnectError(error));
  }
  return { client, endedBy: () => endedBy };
}

export function queryFailed(tried: string, error: unknown, endedBy: string | undefined): PostgresFailed {
  const sqlstate = error instanceof DatabaseError ? error.code : (endedBy ?? '08006');
  // Of some refusals the server names the table in its text alone.
  const object = error instanceof DatabaseError ? (error.table ?? classifyPgDumpOutput(error.message).object) : undefined;
  return new PostgresFailed(tried, { failure: classifySqlstate(sqlstate ?? '', 'dump'), sqlstate, object });
}

/** The modes of libpq, in Node's words. */
function tlsOptions({ tls }: SourceLogin): false | ConnectionOptions {
  switch (tls.mode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { rejectUnauthorized: true, ca: tls.ca, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { rejectUnauthorized: true, ca: tls.ca };
    default:
      return tls.mode satisfies never;
  }
}
