/** A session that fills tables: the settings that pg_restore gives its own, statements, and rows as bytes. */
import type { Client } from 'pg';
import { copyIn } from './copy-in.ts';
import { connectClient, queryFailed } from './connection.ts';
import { endClient } from './end-client.ts';
import type { SourceLogin } from './source.ts';

export type LoadSession = {
  /** One statement; values come as the server writes them. Throws PostgresFailed. */
  query<Row extends object>(tried: string, sql: string, values?: unknown[]): Promise<Row[]>;
  /** Rows by a COPY in the encoding of the session; answers how many there were. Throws PostgresFailed, or what `chunks` throws. */
  copyIn(tried: string, statement: Uint8Array, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** At any time: what is under way fails. */
  close(): Promise<void>;
};

export type OpenLoadSession = () => Promise<LoadSession>;

/** Rows mean the same whatever the database or the role has set. A crash of the server takes commits and what says so together. */
const SETTINGS = [
  `SET search_path = ''`,
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  'SET DateStyle = ISO',
  'SET IntervalStyle = POSTGRES',
  'SET standard_conforming_strings = on',
  'SET row_security = off',
  'SET check_function_bodies = off',
  'SET xmloption = content',
  'SET client_min_messages = warning',
  'SET synchronous_commit = off',
  'SET default_transaction_read_only = off',
].join('; ');

const TRANSACTION_TIMEOUT_SINCE = 17;

/** Throws PostgresFailed. */
export async function openLoadSession(login: SourceLogin, applicationName: string): Promise<LoadSession> {
  const { client, endedBy } = await connectClient(login, applicationName);
  return prepareLoadSession(client, endedBy);
}

/** @param client logged in; closed when it cannot be prepared */
export async function prepareLoadSession(client: Client, endedBy: () => string | undefined): Promise<LoadSession> {
  const session: LoadSession = {
    query: async <Row extends object>(tried: string, sql: string, values?: unknown[]) => {
      try {
        return (await client.query<Row>(sql, values)).rows;
      } catch (error) {
        throw queryFailed(tried, error, endedBy());
      }
    },
    copyIn: (tried, statement, chunks) => copyIn(client, { tried, statement, chunks, endedBy }),
    close: () => endClient(client),
  };
  try {
    await session.query('prepare the session', SETTINGS);
    const [server] = await session.query<{ server_version_num: string }>('ask for the version', 'SHOW server_version_num');
    if (Number(server?.server_version_num) >= TRANSACTION_TIMEOUT_SINCE * 10_000)
      await session.query('prepare the session', 'SET transaction_timeout = 0');
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}
