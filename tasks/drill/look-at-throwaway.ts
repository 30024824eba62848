import { DatabaseError } from 'pg';
import { connectToThrowaway, DRILL_SESSIONS } from '../../adapters/postgres/throwaway.ts';
import { LOCK_WAITS, readLockWaits } from '../../core/restore/lock-waits.ts';
import { unlessAborted } from '../restore/unless-aborted.ts';
import { RESTORED_DATABASE } from './restore-point.ts';
import { ServerSilent, type LookAtServer } from '../restore/watch-server.ts';

/** What a dump started in the server may hold locks of its own; the drill's sessions bear a name. */
export const lookAtThrowaway =
  (sharedDir: string): LookAtServer =>
  async (signal) => {
    const look = async () => {
      const server = await connectToThrowaway(sharedDir, 'postgres', { signal, applicationName: 'holdfast watch' });
      try {
        return await server.query(LOCK_WAITS, [DRILL_SESSIONS, RESTORED_DATABASE]);
      } finally {
        void server.end();
      }
    };
    try {
      const rows = await unlessAborted(signal, look());
      return readLockWaits(rows.map(([process, holders]) => ({ process: process ?? '', holders: holders ?? '' })));
    } catch (error) {
      throw error instanceof DatabaseError ? error : new ServerSilent('nobody answered', { cause: error });
    }
  };
