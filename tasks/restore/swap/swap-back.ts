/** The database that a restore in place has kept: put back under its name, or dropped. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { closedComment, putBackIn, readComment, undoneComment } from '../../../core/restore/database-properties.ts';
import type { Obstacle } from '../../../core/restore/find-obstacles.ts';
import { dropSubscriptionSql, type DatabaseUse } from '../../../core/restore/replace-obstacles.ts';
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
  // What earlier releases have kept says nothing of it.
  if (back?.replacedBy !== undefined && back.replacedBy !== old.oid) throw await replacedSince(connection, { database, of, ...back });
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

/** An undo of an earlier restore would take away what a later one has put there, with all that was written since, and call it the earlier one's. */
async function replacedSince(
  { query }: SourceConnection,
  { database, of, replacedBy }: { database: string; of: string; replacedBy: string | undefined },
): Promise<TargetUnfit> {
  const [away] = await query<{ comment: string | null }>(
    'look who has replaced what was restored',
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE oid = $1::oid`,
    [replacedBy],
  );
  const later = readComment(away?.comment ?? undefined).closedBy;
  return new TargetUnfit(
    'TargetRefused',
    `${JSON.stringify(database)} is not the database any more that the restore ${of} has put there: ${later === undefined ? 'something else has replaced it since' : `the restore ${later} has replaced it since`}`,
    later === undefined
      ? 'Find out what is in its place; what is kept can be put back by hand: docs/runbook.md, heading Swapping a database by hand'
      : `Undo that first: npx holdfast restore undo ${later}`,
  );
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

/** As long as nobody could enter it nothing is lost of it but what it was. One that somebody has opened may have more by now. */
export function dropKept(order: KeptOrder, ports: SwapPorts): Promise<{ notes: string[] }> {
  const { database, of, applicationName } = order;
  const kept = keptDatabaseName(database, of);
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const found = await readDatabase(connection, kept);
    if (found === undefined) return { notes: [`There was no database ${JSON.stringify(kept)} any more`] };
    if (found.allowsConnections || found.closedBy !== of) throw isInUseAgain(kept, of, found.allowsConnections);
    const held = findHeld(kept, await readUse(connection, kept, applicationName));
    if (held.length > 0)
      throw new TargetUnfit(
        'TargetRefused',
        `${JSON.stringify(kept)} cannot be dropped: ${held.map(({ what }) => what).join(', ')}`,
        `${held.map(({ fix }) => fix).join('. ')}. Then start the same again`,
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
    'It was put back or dropped before. There is the safety backup of that restore, of before it: its evidence names the point',
  );

const isInUseAgain = (kept: string, of: string, isOpen: boolean) => {
  const quoted = quoteIdentifier(kept);
  const reclose = isOpen
    ? `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`
    : `COMMENT ON DATABASE ${quoted} IS ${quoteLiteral(closedComment(of, undefined)).trim()}`;
  return new TargetUnfit(
    'TargetRefused',
    `${JSON.stringify(kept)} is not dropped: ${isOpen ? 'somebody has opened it' : `its comment does not say any more that the restore ${of} has closed it`}, so that there may be more in it than the restore has kept`,
    `Look what is in it. To keep it, give it another name: ${rename(kept, `${kept}_2`)}. When nothing of it is needed: ${reclose}. Then start the same again`,
  );
};

/** What PostgreSQL drops no database with. */
function findHeld(kept: string, { slots, prepared, subscriptions }: DatabaseUse): Obstacle[] {
  const quoted = quoteIdentifier(kept);
  return [
    ...slots.map(({ name }) => ({
      what: `the replication slot ${name}`,
      fix: `SELECT pg_drop_replication_slot(${quoteLiteral(name).trim()})`,
    })),
    ...prepared.map(({ transaction }) => ({
      what: `the prepared transaction ${transaction}`,
      fix: `COMMIT PREPARED or ROLLBACK PREPARED ${quoteLiteral(transaction).trim()} in it`,
    })),
    ...subscriptions.map(({ name }) => ({
      what: `the subscription ${name}`,
      fix: `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS true; in it ${dropSubscriptionSql(name)}; then ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`,
    })),
  ];
}
