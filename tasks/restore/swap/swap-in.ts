/**
 * A restored database takes the name of the one that it replaces. What is renamed is renamed in one transaction, so that a kill leaves
 * the old one or the new one under the name; whoever comes next finds by the names how far it came, and goes on.
 */
import { randomUUID } from 'node:crypto';
import { openLoadSession } from '../../../adapters/postgres/load-session.ts';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { closedComment, keptComment, propertyStatements } from '../../../core/restore/database-properties.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { keptDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { TargetUnfit } from '../errors.ts';
import { findHalfMade, type HalfMade } from '../segmented/take-up.ts';
import { removeProgress, takeOver } from '../segmented/progress.ts';
import { closeToAll, endAllSessions, rename, reopen } from './close-database.ts';
import { giveToOwner } from './give-to-owner.ts';
import { readDatabase } from './read-database.ts';
import { checkReplaced } from './replacement.ts';
import { runProperties, transact } from './transact.ts';

export type SwapOrder = {
  /** The name that the restored one is to have. */
  database: string;
  /** The name that it has until then. */
  staged: string;
  run: string;
  /** What it says of itself. */
  identity: string;
  /** Whether everything in it belongs to the login. */
  noOwner: boolean;
  applicationName: string;
};

export type SwapPorts = {
  /** Into a database that is neither of them. */
  login: SourceLogin;
  report: (event: string) => void;
};

/** Throws TargetUnfit; the database is open again then, or the error says that it is not. */
export function swapIn(order: SwapOrder, ports: SwapPorts, signal: AbortSignal): Promise<{ kept: string; notes: string[] }> {
  const { database, run, applicationName } = order;
  const kept = keptDatabaseName(database, run);
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    if ((await readDatabase(connection, kept)) === undefined) await exchange(order, ports, connection, kept, signal);
    const notes = await settleIn(order, ports, connection, kept);
    ports.report(`The restored database has the name ${JSON.stringify(database)}; the old one is kept as ${JSON.stringify(kept)}`);
    return { kept, notes };
  });
}

async function exchange(
  order: SwapOrder,
  ports: SwapPorts,
  connection: SourceConnection,
  kept: string,
  signal: AbortSignal,
): Promise<void> {
  const { database, staged, run, applicationName } = order;
  const old = await checkReplaced(connection, database, 'in-place', applicationName);
  await findRestored(order, ports, staged);
  const restored = await readDatabase(connection, staged);
  await closeToAll(connection, database, old, run);
  try {
    ports.report(`The database ${JSON.stringify(database)} takes no new connections`);
    await endAllSessions(connection, database, applicationName, signal);
    await endAllSessions(connection, staged, applicationName, signal);
    signal.throwIfAborted();
    await transact(connection, async () => {
      await connection.query('keep the old database', rename(database, kept));
      await connection.query(
        'say what takes its place',
        `COMMENT ON DATABASE ${quoteIdentifier(kept)} IS ${quoteLiteral(keptComment(run, restored?.oid ?? '', old.comment))}`,
      );
      await connection.query('give the restored database its name', rename(staged, database));
      // Until it is as the old one was, whoever comes next finds that something is left to do.
      await connection.query(
        'say what is left to do',
        `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${quoteLiteral(closedComment(run, undefined))}`,
      );
    });
  } catch (error) {
    throw await reopen({ ...ports, applicationName }, connection, { database, old }, error);
  }
  ports.report(`The old database is ${JSON.stringify(kept)} now, and the restored one has its name`);
}

/** The restored one, once it has the name: what the old one was to its users it becomes now. May be done again. */
export async function settleIn(order: SwapOrder, ports: SwapPorts, connection: SourceConnection, kept: string): Promise<string[]> {
  const { database, run, noOwner } = order;
  const [old, restored] = [await readDatabase(connection, kept), await readDatabase(connection, database)];
  if (!old || !restored)
    throw new TargetUnfit('RestoreFailed', `neither ${JSON.stringify(database)} nor ${JSON.stringify(kept)} may be missing after a swap`);
  if (restored.closedBy !== run) return [];
  const marker = await findRestored(order, ports, database);
  if (marker !== undefined) {
    const session = await openLoadSession({ ...ports.login, database }, order.applicationName);
    try {
      const own = { schema: marker.schema, holder: randomUUID() };
      await takeOver(session, own, order.identity);
      await removeProgress(session, own);
    } finally {
      await session.close();
    }
  }
  const given = noOwner ? await giveToOwner({ ...ports, ...order, owner: old.owner, isNew: true }) : [];
  const refused = await transact(connection, () => runProperties(connection, propertyStatements(database, old)));
  return [...refused.map((what) => `The old database had ${what}, which the login may not set: it has to be set by hand`), ...given];
}

/** Undefined when nothing is left of what it said of itself: an earlier try came that far. */
async function findRestored(
  { identity, applicationName, staged }: SwapOrder,
  { login }: SwapPorts,
  name: string,
): Promise<HalfMade | undefined> {
  const open = () => openLoadSession({ ...login, database: name }, applicationName);
  const found = await findHalfMade(name, open, identity);
  if (found instanceof TargetUnfit) {
    if (name !== staged) return undefined;
    throw new TargetUnfit('RestoreFailed', `the database ${JSON.stringify(staged)} is not what this restore has made`, undefined, {
      cause: found,
    });
  }
  if (found.phase !== 'done') throw new TargetUnfit('RestoreFailed', `the database ${JSON.stringify(name)} is only half restored`);
  return found;
}
