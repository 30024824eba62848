/**
 * Before the safety backup of a database of which nothing will be left. The mark tells, by the manifest of that backup, that it is of
 * this very database: the logins of backups and of restores may lead to different servers. And what was written to it by now is
 * remembered, so that it can be seen whether more was when it is replaced. Counted first: what the backup has that has seen the mark,
 * also on a standby that lags behind, is at least what was counted.
 */
import { randomBytes } from 'node:crypto';
import type { PreparedPaper } from '../../../core/restore/result.ts';
import type { Replacement } from '../../../core/restore/replace-obstacles.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { applicationNameOf, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { connectToTarget } from '../target.ts';
import { openToAll } from './close-database.ts';
import { markDatabase } from './mark.ts';
import { readDatabase } from './read-database.ts';
import { readWritten } from './read-written.ts';
import { checkReplaced } from './replacement.ts';
import { sendAway } from './send-away.ts';
import { readShell } from './shell.ts';

type Prepared = Omit<PreparedPaper, 'finishedAt'>;

/** @param ports.login into a database that is not replaced. May be done again until its paper is written. */
export function prepareReplacement(order: RestoreOrder, target: Replacement['target'], ports: RestorePorts): Promise<Prepared> {
  const { database, run } = order;
  const applicationName = applicationNameOf(order);
  return withDatabaseLock(ports.login, applicationName, database, async (connection) => {
    const found = await readDatabase(connection, database);
    const shell = target === 'drop-and-create' ? await readShell(connection, database) : undefined;
    if (found?.filledBy !== undefined || (found === undefined && shell !== undefined)) {
      ports.report(`The database ${JSON.stringify(database)} was dropped by an earlier run, which has saved it`);
      return { saved: shell?.safety ?? '' };
    }
    const old = await checkReplaced(connection, database, target, applicationName);
    // An earlier run was killed before it dropped it. A backup has to get in.
    if (!old.allowsConnections) await openToAll(connection, database, old);
    const written = await countAlone(ports, applicationName, database);
    const mark = `${run}/${randomBytes(6).toString('hex')}`;
    await markDatabase(connection, database, (await readDatabase(connection, database)) ?? old, mark);
    return { mark, written };
  });
}

/** What the sessions wrote that are there is counted once they have ended; others may come, and are seen by what they write. */
async function countAlone({ login }: RestorePorts, applicationName: string, database: string) {
  const inside = await connectToTarget({ ...login, database }, applicationName);
  try {
    await sendAway(inside, database);
    return await readWritten(inside);
  } finally {
    await inside.end();
  }
}
