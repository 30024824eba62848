/**
 * Drop and create: for a server without room for two. What the database was to its users is kept by an empty one beside it, from
 * before the old one is dropped until the new one has it; so a kill at any time leaves the old database, or what the next try needs.
 */
import * as z from 'zod';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { closedComment, propertyStatements, type DatabaseProperties } from '../../../core/restore/database-properties.ts';
import type { RestoredPaper } from '../../../core/restore/result.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { shellDatabaseName, unfinishedShellName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { applicationNameOf, runRestore, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { connectToTarget } from '../target.ts';
import { closeToAll, endAllSessions, rename, reopen } from './close-database.ts';
import { OldDatabaseGone } from './errors.ts';
import { readDatabase, type FoundDatabase } from './read-database.ts';
import { checkReplaced } from './replacement.ts';
import { runProperties, transact } from './transact.ts';

/** @param ports.login into a database that is not replaced */
export async function dropAndCreate(given: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoredPaper> {
  const { database, run } = given;
  const order = { ...given, comment: closedComment(run, undefined) };
  const shell = shellDatabaseName(database);
  const applicationName = applicationNameOf(order);
  const onServer = <T>(work: (connection: SourceConnection) => Promise<T>) =>
    withDatabaseLock(ports.login, applicationName, database, work);
  const before = await onServer(async (connection) => {
    const [found, kept] = [await readDatabase(connection, database), await readDatabase(connection, shell)];
    if (found !== undefined || kept === undefined) await checkReplaced(connection, database, 'drop-and-create', applicationName);
    else ports.report(`The database ${JSON.stringify(database)} was dropped by an earlier try, and is made anew`);
    return found?.oid;
  });
  const makeRoom = (stopped: AbortSignal) =>
    onServer(async (connection) => {
      const old = await readDatabase(connection, database);
      if (old === undefined) return;
      const isRemembered = isUnsettled(old) && (await readDatabase(connection, shell)) !== undefined;
      if (!isRemembered) await keepProperties(connection, database, old);
      await closeToAll(connection, database, old, run);
      try {
        await endAllSessions(connection, database, applicationName, stopped);
        stopped.throwIfAborted();
        await connection.query('drop the old database', `DROP DATABASE ${quoteIdentifier(database)} WITH (FORCE)`);
      } catch (error) {
        throw await reopen({ ...ports, applicationName }, connection, { database, old }, error);
      }
      ports.report(`The old database ${JSON.stringify(database)} is dropped`);
    });
  const settleIn = () => onServer((connection) => giveProperties(connection, database, shell));
  try {
    const earlier = await ports.recorded?.();
    const restored =
      earlier?.point === order.point && earlier.database === database
        ? earlier
        : await runRestore(order, { ...ports, makeRoom, settleIn }, signal);
    await onServer((connection) => handOver(connection, database, shell));
    return restored;
  } catch (error) {
    // Asked of the server: a try that was cut off does not know how far its last statement came.
    const isGone = await isReplaced(ports, applicationName, { database, shell, before });
    throw isGone && error instanceof HoldfastError ? new OldDatabaseGone(database, shell, error) : error;
  }
}

/** What a restore has made in the place of another one, and did not end. What is remembered is of that other one. */
const isUnsettled = ({ closedBy, allowsConnections }: FoundDatabase) => closedBy !== undefined && allowsConnections;

type Replaced = { database: string; shell: string; before: string | undefined };

async function isReplaced(ports: RestorePorts, applicationName: string, { database, shell, before }: Replaced): Promise<boolean> {
  try {
    const connection = await connectToTarget(ports.login, applicationName);
    try {
      const found = await readDatabase(connection, database);
      return found?.oid !== before && (await readDatabase(connection, shell)) !== undefined;
    } finally {
      await connection.end();
    }
  } catch {
    return false;
  }
}

/** What an earlier try has kept, of a database that it did not drop, may be out of date. */
async function keepProperties(connection: SourceConnection, database: string, old: FoundDatabase): Promise<void> {
  const { query } = connection;
  const [shell, unfinished] = [shellDatabaseName(database), unfinishedShellName(database)];
  for (const name of [shell, unfinished])
    await query('forget what an earlier try has kept', `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
  await query('keep what the old database was', `CREATE DATABASE ${quoteIdentifier(unfinished)} TEMPLATE template0`);
  await transact(connection, async () => {
    // The login keeps it: it has to drop it in the end.
    await runProperties(
      connection,
      propertyStatements(unfinished, old).filter(({ isLast }) => isLast !== true),
    );
    await query(
      'keep whose the old database was',
      `COMMENT ON DATABASE ${quoteIdentifier(unfinished)} IS ${quoteLiteral(JSON.stringify({ owner: old.owner, comment: old.comment ?? null }))}`,
    );
    await query('name what is kept', rename(unfinished, shell));
  });
}

const Remembered = z.object({ owner: z.string(), comment: z.string().nullable() });

/** Undefined where nothing is kept. */
async function recall(connection: SourceConnection, shell: string): Promise<DatabaseProperties | undefined> {
  const kept = await readDatabase(connection, shell);
  const remembered = kept && Remembered.parse(parseJson(kept.comment ?? ''));
  return remembered && { ...kept, owner: remembered.owner, comment: remembered.comment ?? undefined };
}

/** Who may enter, and what is set. May be done again. */
async function giveProperties(connection: SourceConnection, database: string, shell: string): Promise<string[]> {
  const properties = await recall(connection, shell);
  if (properties === undefined) return [];
  const statements = propertyStatements(database, properties).filter(({ isLast }) => isLast !== true);
  const refused = await transact(connection, () => runProperties(connection, statements));
  return refused.map((what) => `The old database had ${what}, which the login may not set: it has to be set by hand`);
}

/** From now on it is its owner's, and nothing is left to do. May be done again: what is kept goes last. */
async function handOver(connection: SourceConnection, database: string, shell: string): Promise<void> {
  const properties = await recall(connection, shell);
  if (properties === undefined) return;
  const statements = propertyStatements(database, properties).filter(({ isLast }) => isLast === true);
  await transact(connection, () => runProperties(connection, statements));
  await connection.query('forget what the old database was', `DROP DATABASE ${quoteIdentifier(shell)} WITH (FORCE)`);
}
