import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import type { Query } from './subscriptions.ts';

/** Of an event trigger `t`. */
export const MAY_ALTER = `pg_catalog.pg_has_role(current_user, t.evtowner, 'USAGE')`;

/** They may forbid what follows. Of an extension's own are none that a restore made after the rows. */
export async function dropEventTriggers(query: Query): Promise<void> {
  const triggers = await query<{ name: string }>(
    'look for event triggers',
    `SELECT evtname AS name FROM pg_catalog.pg_event_trigger t WHERE ${MAY_ALTER} AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND objid = t.oid AND deptype = 'e')`,
  );
  for (const { name } of triggers) await query('drop an event trigger', `DROP EVENT TRIGGER ${quoteIdentifier(name)}`);
}
