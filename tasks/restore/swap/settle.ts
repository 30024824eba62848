import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { keptDatabaseName } from '../../../core/restore/target-names.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { openWhatIsClosed } from './close-database.ts';
import { readDatabase } from './read-database.ts';
import { settleIn, type SwapOrder, type SwapPorts } from './swap-in.ts';

export type Swapped = { kept: string; notes: string[] };

/**
 * After a swap or a replacement that failed for good, wherever it stopped: whatever has the name is open again, and a swap that had
 * come through is ended. May be done again.
 *
 * @param record keeps a swap that had come through, also when it cannot be ended: without a record nothing of it can be undone
 */
export function settle(order: SwapOrder, ports: SwapPorts, record: (swapped: Swapped) => Promise<void>): Promise<void> {
  const { database, run, applicationName } = order;
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const kept = keptDatabaseName(database, run);
    if ((await readDatabase(connection, kept)) !== undefined) await endSwap(order, ports, { connection, kept, record });
    await openWhatIsClosed(connection, database, ports);
  });
}

type Ending = { connection: SourceConnection; kept: string; record: (swapped: Swapped) => Promise<void> };

async function endSwap(order: SwapOrder, ports: SwapPorts, { connection, kept, record }: Ending): Promise<void> {
  ports.report(`The swap had come through: the restored database has the name, the old one is ${JSON.stringify(kept)}`);
  let notes: string[];
  try {
    notes = await settleIn(order, ports, connection, kept);
  } catch (error) {
    await record({ kept, notes: [NOT_SETTLED] });
    throw error;
  }
  await record({ kept, notes });
}

const NOT_SETTLED =
  'The restored database has the name, and may not have the owner, the settings and the grants of the old one: compare the two, and set by hand what is missing';
