/**
 * Nothing that somebody writes is lost in a replay: it is looked for before the dump runs, and again when the dump holds its locks,
 * right before it is committed. Who writes later writes to what was replayed.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Written } from '../../../core/restore/written.ts';
import { applicationNameOf, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import type { PsqlRun } from '../run-psql.ts';
import { connectToTarget } from '../target.ts';
import { checkUnwritten } from './read-written.ts';
import { sendAway } from './send-away.ts';

const LOOK_MILLISECONDS = 100;

/** @param written what the safety backup has. Throws TargetUnfit when there is more. Who uses the database is sent away. */
export async function watchAlone(order: RestoreOrder, { login, report }: Pick<RestorePorts, 'login' | 'report'>, written: Written) {
  const { database } = order;
  const connection = await connectToTarget({ ...login, database }, applicationNameOf(order));
  const { query } = connection;
  const end = () => connection.end();
  /** As seen by the others' sessions: psql has done all that was written to it when its session calls itself so. */
  const replayer = `holdfast replay ${randomBytes(6).toString('hex')}`;
  const isNamed = () =>
    query('wait for the dump to end', 'SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = $1', [replayer]);
  const checkAlone = async (spared?: string) => {
    const ended = await sendAway(connection, database, spared);
    if (ended > 0) report(`${ended} sessions of ${JSON.stringify(database)} are ended`);
    await checkUnwritten(connection, database, written);
  };
  /** @param committed what is committed together with the dump */
  const beforeCommit = (signal: AbortSignal, committed?: string): PsqlRun['beforeCommit'] => ({
    sql: [...(committed === undefined ? [] : [committed]), `SET LOCAL application_name = '${replayer}'`].join('; '),
    check: async ({ hasEnded }) => {
      // A psql that has ended commits nothing, and says why.
      while ((await isNamed()).length === 0 && !hasEnded()) await sleep(LOOK_MILLISECONDS, undefined, { signal });
      if (!hasEnded()) await checkAlone(replayer);
    },
  });
  try {
    await checkAlone();
    return { beforeCommit, end };
  } catch (error) {
    await end();
    throw error;
  }
}
