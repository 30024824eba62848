import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { TargetUnfit } from '../errors.ts';
import { endSessions } from './read-use.ts';

const LOOK_MILLISECONDS = 100;
const LONGEST_WAIT_MILLISECONDS = 60_000;

/**
 * Ends the sessions of a database that stays open: whoever comes back is not kept from it. What those wrote that were there is
 * counted when this answers, which is how many they were. `spared` as in endSessions. Throws TargetUnfit.
 */
export async function sendAway(connection: SourceConnection, database: string, spared?: string): Promise<number> {
  const ended = await endSessions(connection, database, spared);
  const left = () =>
    connection.query('wait for sessions to end', 'SELECT FROM pg_catalog.pg_stat_activity WHERE pid = ANY ($1::int[])', [ended]);
  for (let waited = 0; ended.length > 0 && (await left()).length > 0; waited += LOOK_MILLISECONDS) {
    if (waited >= LONGEST_WAIT_MILLISECONDS)
      throw new TargetUnfit('TargetUnreachable', `sessions of ${JSON.stringify(database)} do not end`);
    await sleep(LOOK_MILLISECONDS);
  }
  return ended.length;
}
