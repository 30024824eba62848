/**
 * Drop and create: for a server without room for two. What the database was to its users is kept by an empty one beside it, from
 * before the old one is dropped until the new one has it; so a kill at any time leaves the old database, or what the next try needs.
 */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { filledComment } from '../../../core/restore/database-properties.ts';
import type { RestoredPaper } from '../../../core/restore/result.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import { readRemembered } from '../../../core/restore/shell-comment.ts';
import { shellDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { removeHalfMade } from '../remove-half-made.ts';
import { applicationNameOf, runRestore, type Made, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { connectToTarget } from '../target.ts';
import { checkSaved } from './check-saved.ts';
import { closeToAll, endAllSessions, openToAll, reopen } from './close-database.ts';
import { OldDatabaseGone, OldDatabaseUnknown } from './errors.ts';
import { giveToOwner } from './give-to-owner.ts';
import { markDatabase } from './mark.ts';
import { readDatabase, type FoundDatabase } from './read-database.ts';
import { checkUnwritten } from './read-written.ts';
import { checkReplaced } from './replacement.ts';
import { forgetProperties, giveProperties, handOver, keepProperties, readShell } from './shell.ts';

/** @param ports.login into a database that is not replaced. Throws as runRestore does, OldDatabaseGone or OldDatabaseUnknown. */
export async function dropAndCreate(given: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoredPaper> {
  const { database, run } = given;
  const order = { ...given, comment: filledComment(run) };
  const applicationName = applicationNameOf(order);
  const onServer = <T>(work: (connection: SourceConnection) => Promise<T>) =>
    withDatabaseLock(ports.login, applicationName, database, work);
  const replacing: Replacing = { order, ports, applicationName };
  try {
    const earlier = await ports.recorded?.();
    const isRestored = earlier?.point === order.point && earlier.database === database;
    if (!isRestored) await onServer((connection) => look(replacing, connection));
    const makeRoom = (stopped: AbortSignal) => onServer((connection) => dropOld(replacing, connection, stopped));
    const settleIn = (made: Made) => onServer((connection) => settle(replacing, connection, made));
    const restored = isRestored ? earlier : await runRestore(order, { ...ports, makeRoom, settleIn }, signal);
    await onServer((connection) => handOver(connection, database));
    return restored;
  } catch (error) {
    throw await sayWhatIsLeft(replacing, error);
  }
}

type Replacing = { order: RestoreOrder; ports: RestorePorts; applicationName: string };

/** Before hours of work: whether it may be dropped in the end. */
async function look({ order, ports, applicationName }: Replacing, connection: SourceConnection): Promise<void> {
  const { database } = order;
  const [found, shell] = [await readDatabase(connection, database), await readShell(connection, database)];
  if (found?.filledBy !== undefined || (found === undefined && shell !== undefined)) {
    ports.report(`The database ${JSON.stringify(database)} was dropped by an earlier try, and is made anew`);
    return;
  }
  await checkReplaced(connection, database, 'drop-and-create', applicationName);
  await checkSaved(order, ports);
}

async function dropOld({ order, ports, applicationName }: Replacing, connection: SourceConnection, stopped: AbortSignal): Promise<void> {
  const { database } = order;
  const old = await readDatabase(connection, database);
  if (old === undefined) return;
  const { login, report } = ports;
  if (old.filledBy !== undefined) {
    if ((await readShell(connection, database)) === undefined) await keep(order, connection, old);
    await removeHalfMade(connection, login, applicationName, database);
    report(`The database ${JSON.stringify(database)}, half made by an earlier run, is dropped`);
    return;
  }
  const written = await checkSaved(order, ports);
  // An earlier try of this run was killed before it dropped it. To count what is in it one has to get in.
  if (!old.allowsConnections) await openToAll(connection, database, old);
  const inside = await connectToTarget({ ...login, database }, applicationName);
  try {
    await closeToAll(connection, database, old, order.run);
    await endAllSessions(connection, database, applicationName, stopped, applicationName);
    stopped.throwIfAborted();
    await checkUnwritten(inside, database, written);
    await inside.end();
    await keep(order, connection, old);
    try {
      await connection.query('drop the old database', `DROP DATABASE ${quoteIdentifier(database)} WITH (FORCE)`);
    } catch (error) {
      // Where the server is gone nobody knows whether it was dropped: the next run finds out.
      await forgetProperties(connection, { ...old, name: database }).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw await reopen({ ...ports, applicationName }, connection, { database, old }, error);
  } finally {
    await inside.end();
  }
  report(`The old database ${JSON.stringify(database)} is dropped`);
}

const keep = ({ database, run, safety = '' }: RestoreOrder, connection: SourceConnection, old: FoundDatabase) =>
  keepProperties(connection, { ...old, name: database }, { run, safety });

/** Nobody but the login may work with it yet. May be done again. */
async function settle(
  { order: { database }, ports, applicationName }: Replacing,
  connection: SourceConnection,
  { traces, isWithoutOwners }: Made,
): Promise<string[]> {
  const owner = isWithoutOwners ? (await readShell(connection, database))?.properties.owner : undefined;
  const given =
    owner === undefined
      ? []
      : await giveToOwner({
          login: ports.login,
          applicationName,
          database,
          owner,
          isNew: true,
          // By its owner the next try knows it.
          isKept: ({ identity }) => identity === traces || identity.startsWith(`${traces}.`),
        });
  const missed = await giveProperties(connection, database);
  ports.report(`The database ${JSON.stringify(database)} stands, and has what the old one was to its users`);
  return [...given, ...missed];
}

/** Asked of the server: a try that was cut off does not know how far its last statement came, and an earlier one may have dropped it. */
async function sayWhatIsLeft({ order, ports, applicationName }: Replacing, error: unknown): Promise<unknown> {
  const { database } = order;
  const shell = shellDatabaseName(database);
  try {
    const connection = await connectToTarget(ports.login, applicationName);
    try {
      const found = await readDatabase(connection, database);
      const kept = await readDatabase(connection, shell);
      const isDropped = found === undefined && readRemembered(kept?.comment) !== undefined;
      if (isDropped || found?.filledBy !== undefined) return new OldDatabaseGone(database, shell, error);
      if (found?.mark !== undefined) await markDatabase(connection, database, found, undefined);
      return error;
    } finally {
      await connection.end();
    }
  } catch {
    return new OldDatabaseUnknown(database, shell, error);
  }
}
