import { connectToSource } from '../../adapters/postgres/connection.ts';
import { PostgresFailed } from '../../adapters/postgres/errors.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { LOCK_WAITS, readLockWaits } from '../../core/restore/lock-waits.ts';
import { unlessAborted } from './unless-aborted.ts';
import { ServerSilent, type LookAtServer } from './watch-server.ts';

/** By a connection of its own each time: whether the server takes one is part of the answer. */
export const lookAtTarget =
  (login: SourceLogin, applicationName: string, database: string): LookAtServer =>
  async (signal) => {
    const look = async () => {
      const connection = await connectToSource(login, 'holdfast watch');
      try {
        return await connection.query<{ process: string; holders: string }>('look for locks', LOCK_WAITS, [applicationName, database]);
      } finally {
        void connection.end();
      }
    };
    try {
      return readLockWaits(await unlessAborted(signal, look()));
    } catch (error) {
      const isAway = error instanceof PostgresFailed && ['SourceUnreachable', 'SourceNotReady'].includes(error.failure);
      throw signal.aborted || isAway ? new ServerSilent('nobody answered', { cause: error }) : error;
    }
  };
