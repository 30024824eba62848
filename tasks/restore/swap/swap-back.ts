/** The database that a restore in place has kept: put back under its name, or dropped. */
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import { keptDatabaseName, undoneDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { TargetUnfit } from '../errors.ts';
import { closeToAll, endAllSessions, openToAll, rename, reopen } from './close-database.ts';
import { readDatabase } from './read-database.ts';
import { checkReplaced } from './replacement.ts';
import { readUse } from './read-use.ts';
import type { SwapPorts } from './swap-in.ts';
import { transact } from './transact.ts';

export type KeptOrder = {
  database: string;
  /** The run of the restore that kept it. */
  of: string;
  /** This run. */
  run: string;
  applicationName: string;
};

/** @returns where the restored database stands now: what was written to it since is in it alone */
export function swapBack(order: KeptOrder, ports: SwapPorts, signal: AbortSignal): Promise<{ kept: string; notes: string[] }> {
  const { database, of, run, applicationName } = order;
  const kept = keptDatabaseName(database, of);
  const undone = undoneDatabaseName(database, run);
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    if ((await readDatabase(connection, undone)) === undefined) {
      if ((await readDatabase(connection, kept)) === undefined) throw keptIsGone(kept, of);
      const old = await checkReplaced(connection, database, 'in-place', applicationName);
      await closeToAll(connection, database, old, run);
      try {
        await endAllSessions(connection, database, applicationName, signal);
        signal.throwIfAborted();
        await transact(connection, async () => {
          await connection.query('take the restored database away', rename(database, undone));
          await connection.query('put the old database back', rename(kept, database));
        });
      } catch (error) {
        throw await reopen({ ...ports, applicationName }, connection, { database, old }, error);
      }
    }
    const back = await readDatabase(connection, database);
    if (!back) throw new TargetUnfit('RestoreFailed', `there is no database ${JSON.stringify(database)} after it was put back`);
    if (!back.allowsConnections) await openToAll(connection, database, back);
    ports.report(`The old database has its name ${JSON.stringify(database)} again`);
    return {
      kept: undone,
      notes: [
        `What was restored stands closed in ${JSON.stringify(undone)}, with whatever was written to it: when it is no longer wanted, DROP DATABASE ${quoteIdentifier(undone)}`,
      ],
    };
  });
}

/** Nobody can enter a kept database: nothing is lost of it but what it is. */
export function dropKept(order: KeptOrder, ports: SwapPorts): Promise<{ notes: string[] }> {
  const { database, of, applicationName } = order;
  const kept = keptDatabaseName(database, of);
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    if ((await readDatabase(connection, kept)) === undefined) return { notes: [`There was no database ${JSON.stringify(kept)} any more`] };
    const { slots, prepared } = await readUse(connection, kept, applicationName);
    const held = [
      ...slots.map(({ name }) => `the replication slot ${name}`),
      ...prepared.map(({ transaction }) => `the prepared transaction ${transaction}`),
    ];
    if (held.length > 0)
      throw new TargetUnfit(
        'TargetRefused',
        `${JSON.stringify(kept)} cannot be dropped: ${held.join(', ')}`,
        'Drop the slots, end the transactions, and start the same again',
      );
    await connection.query('drop the kept database', `DROP DATABASE ${quoteIdentifier(kept)} WITH (FORCE)`);
    ports.report(`The kept database ${JSON.stringify(kept)} is dropped`);
    return { notes: [`The database ${JSON.stringify(kept)} is dropped`] };
  });
}

const keptIsGone = (kept: string, of: string) =>
  new TargetUnfit(
    'TargetRefused',
    `the database ${JSON.stringify(kept)} that the restore ${of} has kept is gone`,
    'It was put back or dropped before. The safety backup of that restore has its content: its evidence names the point',
  );
