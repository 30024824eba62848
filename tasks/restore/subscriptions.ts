/** Subscriptions of a restored database: they are disabled, and name the slots that those of the source have at their publishers. */
import { quoteIdentifier } from '../../core/restore/sql-names.ts';

export type Query = <Row extends object>(tried: string, sql: string) => Promise<Row[]>;

export async function readSubscriptions(query: Query): Promise<string[]> {
  const found = await query<{ name: string }>(
    'look for subscriptions',
    `SELECT subname AS name FROM pg_catalog.pg_subscription JOIN pg_catalog.pg_database d ON d.oid = subdbid
     WHERE datname = pg_catalog.current_database() ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

/** No publisher is asked: a slot that a subscription still names would be dropped with it, and the source's own may be using it. */
export async function dropSubscriptions(query: Query): Promise<void> {
  for (const name of await readSubscriptions(query)) {
    const subscription = quoteIdentifier(name);
    await query('disable a subscription', `ALTER SUBSCRIPTION ${subscription} DISABLE`);
    await query('leave its slot alone', `ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
    await query('drop a subscription', `DROP SUBSCRIPTION ${subscription}`);
  }
}
