/** A database is closed to new connections while it changes hands, and opened again on every path. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { closedComment } from '../../../core/restore/database-properties.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { TargetUnfit } from '../errors.ts';
import { asTargetFailure, connectToTarget } from '../target.ts';
import { DatabaseLeftClosed } from './errors.ts';
import { readDatabase, type FoundDatabase } from './read-database.ts';
import { endSessions, readUse } from './read-use.ts';
import { transact } from './transact.ts';

const commentOn = (database: string, comment: string | undefined) =>
  `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${comment === undefined ? 'NULL' : quoteLiteral(comment)}`;

/** In one transaction: whoever finds it closed finds by whom. */
export const closeToAll = (connection: SourceConnection, database: string, found: FoundDatabase, run: string): Promise<void> =>
  transact(connection, async () => {
    await connection.query('close the database', `ALTER DATABASE ${quoteIdentifier(database)} ALLOW_CONNECTIONS false`);
    await connection.query('say who closed the database', commentOn(database, closedComment(run, found.comment)));
  });

export const openToAll = (connection: SourceConnection, database: string, { comment }: Pick<FoundDatabase, 'comment'>): Promise<void> =>
  transact(connection, async () => {
    await connection.query('open the database', `ALTER DATABASE ${quoteIdentifier(database)} ALLOW_CONNECTIONS true`);
    await connection.query('take back who closed the database', commentOn(database, comment));
  });

/** What a restore or an undo has closed, and nothing that somebody else has. May be done again. */
export async function openWhatIsClosed(connection: SourceConnection, database: string, by: Pick<Reopening, 'report'>): Promise<void> {
  const found = await readDatabase(connection, database);
  if (found?.closedBy === undefined || found.allowsConnections) return;
  await openToAll(connection, database, found);
  by.report(`The database ${JSON.stringify(database)} takes connections again`);
}

export const rename = (from: string, to: string) => `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;

type Closed = { database: string; old: FoundDatabase };
type Reopening = { login: SourceLogin; applicationName: string; report: (event: string) => void };

/**
 * After a failure, by the connection that is there or by another one when the server has ended it. What was renamed by then stays so.
 * @returns the error to throw
 */
export async function reopen(by: Reopening, connection: SourceConnection, { database, old }: Closed, cause: unknown): Promise<unknown> {
  const open = async (other: SourceConnection) => {
    // The transaction may have come through although nobody heard of it.
    const found = await readDatabase(other, database);
    if (found?.oid !== old.oid) return;
    await openToAll(other, database, old);
    by.report(`The database ${JSON.stringify(database)} is as it was, and takes connections again`);
  };
  const again = async () => {
    const other = await connectToTarget(by.login, by.applicationName);
    try {
      await open(other);
    } finally {
      await other.end();
    }
  };
  return open(connection)
    .catch(again)
    .then(
      () => cause,
      () => new DatabaseLeftClosed(database, asTargetFailure(cause)),
    );
}

const QUIET_LOOKS = 2;
const LOOK_MILLISECONDS = 200;
const LONGEST_WAIT_MILLISECONDS = 60_000;

/** Of a database that takes no new connections. Throws TargetUnfit, naming who does not go. `spared` as in endSessions. */
export async function endAllSessions(
  connection: SourceConnection,
  database: string,
  applicationName: string,
  signal: AbortSignal,
  spared?: string,
): Promise<void> {
  for (let quiet = 0, waited = 0; quiet < QUIET_LOOKS; waited += LOOK_MILLISECONDS) {
    signal.throwIfAborted();
    quiet = (await endSessions(connection, database, spared)).length === 0 ? quiet + 1 : 0;
    const { stubborn } = await readUse(connection, database, applicationName);
    if (stubborn.length > 0)
      throw new TargetUnfit(
        'TargetRefused',
        `sessions of ${JSON.stringify(database)} cannot be ended: ${stubborn.map(({ processId, role }) => `${processId} of ${role}`).join(', ')}`,
        `End them as a superuser: ${stubborn.map(({ processId }) => `SELECT pg_terminate_backend(${processId})`).join('; ')}`,
      );
    if (waited >= LONGEST_WAIT_MILLISECONDS)
      throw new TargetUnfit('TargetUnreachable', `sessions of ${JSON.stringify(database)} do not end`);
    if (quiet < QUIET_LOOKS) await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}
