/** The database that a restore in place has kept: put back under its name, or dropped. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { putBackIn, undoneComment } from '../../../core/restore/database-properties.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { keptDatabaseName, undoneDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { TargetUnfit } from '../errors.ts';
import { closeToAll, endAllSessions, openToAll, openWhatIsClosed, rename, reopen } from './close-database.ts';
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

/** Where the restored database stands now: what was written to it since is in it alone. */
type Undone = { kept: string; notes: string[] };

/** Throws TargetUnfit. One that came through, whoever heard of it, is only ended: the restore has been undone once and for all. */
export function swapBack(order: KeptOrder, ports: SwapPorts, signal: AbortSignal): Promise<Undone> {
  const { database, of, applicationName } = order;
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const kept = keptDatabaseName(database, of);
    if ((await readDatabase(connection, kept)) !== undefined) await exchange(order, ports, connection, signal);
    const undone = await endUndo(order, ports, connection);
    if (undone === undefined) throw keptIsGone(kept, of);
    return undone;
  });
}

/** After an undo that failed for good. Undefined when it did not come through; whatever has the name is open in any case. */
export function settleUndo(order: KeptOrder, ports: SwapPorts): Promise<Undone | undefined> {
  const { database, of, applicationName } = order;
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const isKept = (await readDatabase(connection, keptDatabaseName(database, of))) !== undefined;
    const undone = isKept ? undefined : await endUndo(order, ports, connection);
    if (undone === undefined) await openWhatIsClosed(connection, database, ports);
    return undone;
  });
}

async function exchange(
  { database, of, run, applicationName }: KeptOrder,
  ports: SwapPorts,
  connection: SourceConnection,
  signal: AbortSignal,
) {
  const kept = keptDatabaseName(database, of);
  const undone = undoneDatabaseName(database, of);
  if ((await readDatabase(connection, undone)) !== undefined)
    throw new TargetUnfit(
      'TargetRefused',
      `the name ${JSON.stringify(undone)}, which the restored database would get, is taken`,
      'Look what that database is; rename or drop it, and start the same again',
    );
  const old = await checkReplaced(connection, database, 'in-place', applicationName);
  const back = await readDatabase(connection, kept);
  await closeToAll(connection, database, old, run);
  try {
    await endAllSessions(connection, database, applicationName, signal);
    signal.throwIfAborted();
    await transact(connection, async () => {
      await connection.query('take the restored database away', rename(database, undone));
      await connection.query('put the old database back', rename(kept, database));
      await connection.query(
        'say what is in its place again',
        `COMMENT ON DATABASE ${quoteIdentifier(undone)} IS ${quoteLiteral(undoneComment(run, back?.oid ?? '', old.comment))}`,
      );
    });
  } catch (error) {
    throw await reopen({ ...ports, applicationName }, connection, { database, old }, error);
  }
  ports.report(`The old database has changed its name with the restored one, which is ${JSON.stringify(undone)} now`);
}

/** Undefined when there was no such undo, or what it had put back was replaced since. */
async function endUndo({ database, of }: KeptOrder, ports: SwapPorts, connection: SourceConnection): Promise<Undone | undefined> {
  const undone = undoneDatabaseName(database, of);
  const [away, back] = [await readDatabase(connection, undone), await readDatabase(connection, database)];
  if (away === undefined || back === undefined || putBackIn(away.comment) !== back.oid) return undefined;
  if (!back.allowsConnections) await openToAll(connection, database, back);
  ports.report(`The old database has its name ${JSON.stringify(database)} again`);
  return {
    kept: undone,
    notes: [
      `What was restored stands closed in ${JSON.stringify(undone)}, with whatever was written to it: when it is no longer wanted, DROP DATABASE ${quoteIdentifier(undone)}`,
    ],
  };
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
