/** One run at a time makes, takes over or drops the database of a name: between looking whose it is and acting on it nobody comes. */
import { createHash } from 'node:crypto';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { PostgresFailed } from '../../adapters/postgres/errors.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { TargetUnfit } from './errors.ts';
import { asTargetFailure, connectToTarget } from './target.ts';

/** Whoever holds it makes an empty database or drops one. */
const LONGEST_WAIT_SECONDS = 300;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * `work` has the connection that holds the lock: what it can no longer say there, it may no longer do. Throws TargetUnfit, or what
 * `work` throws.
 */
export async function withDatabaseLock<T>(
  login: SourceLogin,
  applicationName: string,
  database: string,
  work: (connection: SourceConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectToTarget(login, applicationName);
  try {
    await connection.query('wait for other restores', `SET lock_timeout = '${LONGEST_WAIT_SECONDS}s'`);
    await connection
      .query('wait for other restores', 'SELECT pg_catalog.pg_advisory_lock($1)', [lockKey(database)])
      .catch((error: unknown) => {
        if (!(error instanceof PostgresFailed) || error.sqlstate !== LOCK_NOT_AVAILABLE) throw error;
        throw new TargetUnfit('TargetUnreachable', 'another restore into the same database does not let go of it', undefined, {
          cause: error,
        });
      });
    await connection.query('wait for other restores', 'SET lock_timeout = 0');
    return await work(connection);
  } catch (error) {
    throw asTargetFailure(error);
  } finally {
    await connection.end();
  }
}

const lockKey = (database: string): string =>
  createHash('sha256').update(`holdfast restore ${database}`).digest().readBigInt64BE().toString();
