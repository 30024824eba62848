import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { dropEventTriggers } from './event-triggers.ts';
import { dropSubscriptions, type Query } from './subscriptions.ts';
import { connectToTarget, dropDatabase } from './target.ts';

/** Drops the database with whatever a restore made in it. Throws PostgresFailed, TargetUnfit. */
export async function removeHalfMade(
  connection: SourceConnection,
  login: SourceLogin,
  applicationName: string,
  database: string,
): Promise<void> {
  await dropSubscriptionsOf({ ...login, database }, applicationName).catch(() => undefined);
  await dropDatabase(connection, database);
}

/** A database that has subscriptions cannot be dropped. */
async function dropSubscriptionsOf(login: SourceLogin, applicationName: string): Promise<void> {
  const connection = await connectToTarget(login, applicationName);
  try {
    const query: Query = (tried, sql) => connection.query(tried, sql);
    await dropEventTriggers(query);
    await dropSubscriptions(query);
  } finally {
    await connection.end();
  }
}
