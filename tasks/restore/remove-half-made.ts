import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import { connectToTarget, dropDatabase } from './target.ts';

/** Drops the database with whatever a restore made in it. Throws PostgresFailed, TargetUnfit. */
export async function removeHalfMade(
  connection: SourceConnection,
  login: SourceLogin,
  applicationName: string,
  database: string,
): Promise<void> {
  await dropSubscriptions({ ...login, database }, applicationName).catch(() => undefined);
  await dropDatabase(connection, database);
}

/** A database that has subscriptions cannot be dropped. Restored ones have no slot at their publisher, which nobody asks. */
async function dropSubscriptions(login: SourceLogin, applicationName: string): Promise<void> {
  const connection = await connectToTarget(login, applicationName);
  try {
    const subscriptions = await connection.query<{ name: string }>(
      'look for subscriptions',
      'SELECT subname AS name FROM pg_catalog.pg_subscription JOIN pg_catalog.pg_database d ON d.oid = subdbid WHERE datname = current_database()',
    );
    for (const { name } of subscriptions) {
      const subscription = quoteIdentifier(name);
      await connection.query('disable a subscription', `ALTER SUBSCRIPTION ${subscription} DISABLE`);
      await connection.query('leave its slot alone', `ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
      await connection.query('drop a subscription', `DROP SUBSCRIPTION ${subscription}`);
    }
  } finally {
    await connection.end();
  }
}
