import { keptDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { openToAll } from './close-database.ts';
import { readDatabase } from './read-database.ts';
import { settleIn, type SwapOrder, type SwapPorts } from './swap-in.ts';

/**
 * After a swap or an undo that failed for good, wherever it stopped: whatever has the name is open again, and a swap that had come
 * through is ended. May be done again.
 */
export function settle(order: SwapOrder, ports: SwapPorts): Promise<void> {
  const { database, run, applicationName } = order;
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const kept = keptDatabaseName(database, run);
    if ((await readDatabase(connection, kept)) !== undefined) {
      await settleIn(order, ports, connection, kept);
      ports.report(`The swap had come through: the restored database has the name, the old one is ${JSON.stringify(kept)}`);
    }
    const found = await readDatabase(connection, database);
    if (found?.closedBy === undefined || found.allowsConnections) return;
    await openToAll(connection, database, found);
    ports.report(`The database ${JSON.stringify(database)} takes connections again`);
  });
}
