/** The container `database` of a drill, seen from the runner: files and a Unix socket in the directory that they share. */
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, DatabaseError, type QueryArrayConfig } from 'pg';
import { readFailure, readReady, writeSettings, type ThrowawayReady, type ThrowawaySettings } from '../../core/drill/throwaway-settings.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { quoteConninfo } from '../../core/restore/sql-names.ts';
import { waitForFile } from '../containers/wait-for-file.ts';
import { endClient } from './end-client.ts';
import { CONNECT_TIMEOUT_SECONDS, type LibpqAccess } from './libpq.ts';
import { prepareLoadSession, type LoadSession } from './load-session.ts';

/** The ephemeral database did not start, or ended by itself. */
export class ThrowawayUnavailable extends HoldfastError {
  readonly failure: 'ThrowawayUnavailable' | 'DiskFull';
  constructor(why: string, failure: 'ThrowawayUnavailable' | 'DiskFull' = 'ThrowawayUnavailable', options?: { cause?: unknown }) {
    super(`${FAILURES[failure].what}: ${why}`, FAILURES[failure].advice, options);
    this.failure = failure;
  }
}

/** The one user of the throwaway server. */
const USER = 'holdfast';
/** Of every session of the drill's own. */
export const DRILL_SESSIONS = 'holdfast drill';

/**
 * Asks for a server and waits until it accepts connections.
 * @throws ThrowawayUnavailable when the container says so, or says nothing for `timeoutSeconds`
 */
export async function startThrowaway(
  sharedDir: string,
  settings: ThrowawaySettings,
  options: { timeoutSeconds: number; signal: AbortSignal },
): Promise<ThrowawayReady> {
  // Written whole, then named: the container reads it as soon as it is there.
  await writeFile(join(sharedDir, '.settings'), writeSettings(settings), { mode: 0o644 });
  await rename(join(sharedDir, '.settings'), join(sharedDir, 'settings'));
  const answer = await waitForFile(sharedDir, ['ready', 'failed'], options);
  if (!answer) throw new ThrowawayUnavailable(`the container said nothing for ${options.timeoutSeconds} s`);
  if (answer.name === 'failed') throw toError(answer.text);
  const ready = readReady(answer.text);
  if (!ready) throw new ThrowawayUnavailable('the container wrote something that this version does not know');
  return ready;
}

/** Why the server is gone, when the container has said so; it may need a moment. Undefined when it says nothing. */
export async function whyThrowawayEnded(sharedDir: string): Promise<ThrowawayUnavailable | undefined> {
  const answer = await waitForFile(sharedDir, ['failed'], { timeoutSeconds: 2, signal: AbortSignal.any([]) });
  return answer && toError(answer.text);
}

/**
 * Ends the container's server and waits until its data is gone; then empties the shared directory. False when the container did not
 * say so in time: it ends with the task in any case.
 */
export async function removeThrowaway(sharedDir: string, timeoutSeconds: number): Promise<boolean> {
  await writeFile(join(sharedDir, 'stop'), '', { mode: 0o644 });
  const isGone = (await waitForFile(sharedDir, ['stopped', 'failed'], { timeoutSeconds, signal: AbortSignal.any([]) })) !== undefined;
  // `stop` stays: a container that was slow to start must not start a server for nobody.
  const names = (await readdir(sharedDir)).filter((name) => name !== 'stop');
  // A program that a dump started may have made what this user cannot remove; it ends with the volume.
  const removals = await Promise.allSettled(names.map((name) => rm(join(sharedDir, name), { recursive: true, force: true })));
  return isGone && removals.every((removal) => removal.status === 'fulfilled');
}

function toError(text: string): ThrowawayUnavailable {
  const { reason, message } = readFailure(text);
  return new ThrowawayUnavailable(message, reason === 'disk' ? 'DiskFull' : 'ThrowawayUnavailable');
}

/** How programs reach the server: no password, nothing of the task's own environment. */
export const throwawayAccess = (sharedDir: string, database: string, path: string): LibpqAccess => ({
  connection: `host=${quoteConninfo(sharedDir)} user=${USER} dbname=${quoteConninfo(database)} application_name=${quoteConninfo(DRILL_SESSIONS)}`,
  environment: { PATH: path, LC_ALL: 'C' },
});

export type ThrowawayConnection = {
  /** One statement, rows as arrays of text as the server writes it. Throws DatabaseError, or ThrowawayUnavailable when the connection is gone. */
  query(sql: string, values?: unknown[]): Promise<(string | null)[][]>;
  end(): Promise<void>;
};

/**
 * What the source sets for its sessions holds in checks too: `search_path` is needed. Not so that they act as another role, which sees
 * fewer rows, or look for a library that only the source has.
 */
const OPTIONS = '-c role=none -c session_preload_libraries= -c local_preload_libraries=';

const newClient = (sharedDir: string, database: string, applicationName = DRILL_SESSIONS) =>
  new Client({
    host: sharedDir,
    user: USER,
    database,
    application_name: applicationName,
    options: OPTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_SECONDS * 1000,
    types: { getTypeParser: () => (text: string) => text },
  });

/** A session that fills tables. Throws ThrowawayUnavailable, PostgresFailed. */
export async function openThrowawayLoad(sharedDir: string, database: string): Promise<LoadSession> {
  const client = newClient(sharedDir, database);
  let endedBy: string | undefined;
  client.on('error', (error) => (endedBy ??= error instanceof DatabaseError ? error.code : '08006'));
  try {
    await client.connect();
  } catch (error) {
    await endClient(client);
    throw (await whyThrowawayEnded(sharedDir)) ?? new ThrowawayUnavailable('it took no connection', undefined, { cause: error });
  }
  return prepareLoadSession(client, () => endedBy);
}

/** @param options `signal` ends the connection, and whatever waits in it */
export async function connectToThrowaway(
  sharedDir: string,
  database: string,
  options: { signal?: AbortSignal; applicationName?: string } = {},
): Promise<ThrowawayConnection> {
  const client = newClient(sharedDir, database, options.applicationName);
  const cut = () => void client.connection.stream.destroy();
  options.signal?.addEventListener('abort', cut, { once: true });
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  const gone = async (cause: unknown) =>
    (await whyThrowawayEnded(sharedDir)) ?? new ThrowawayUnavailable('the connection was lost', undefined, { cause });
  try {
    await client.connect();
  } catch (error) {
    options.signal?.removeEventListener('abort', cut);
    await endClient(client);
    throw await gone(error);
  }
  return {
    async query(text, values) {
      try {
        // The extended protocol takes one statement: nothing can be hung onto a check.
        const statement: QueryArrayConfig<unknown[]> & { queryMode: 'extended' } = {
          text,
          values: values ?? [],
          rowMode: 'array',
          queryMode: 'extended',
        };
        const result = await client.query<(string | null)[]>(statement);
        return result.rows;
      } catch (error) {
        // 57P..: the server ended the session.
        if (error instanceof DatabaseError && !lost && !error.code?.startsWith('57P')) throw error;
        throw await gone(error);
      }
    },
    async end() {
      options.signal?.removeEventListener('abort', cut);
      await endClient(client);
    },
  };
}
