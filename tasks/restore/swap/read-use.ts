/** Who and what uses a database, and cannot be sent away. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import type { DatabaseUse } from '../../../core/restore/replace-obstacles.ts';

/** What pg_terminate_backend asks of whoever calls it. */
const MAY_END = `(
  (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
  OR (NOT coalesce(r.rolsuper, true)
      AND (pg_catalog.pg_has_role(current_user, a.usesysid, 'USAGE') OR pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'USAGE'))))`;

/**
 * Autovacuum's workers make way by themselves. They are known by having no role: that they are workers is shown to nobody but those
 * who may read all of pg_stat_activity.
 */
const ELSEWHERE = `a.datname = $1 AND a.pid <> pg_catalog.pg_backend_pid() AND a.usesysid IS NOT NULL`;

/** @param own application name of the restore's own sessions */
export async function readUse({ query }: SourceConnection, database: string, own: string): Promise<DatabaseUse> {
  const stubborn = await query<{ pid: string; role: string | null; super: boolean | null; application: string | null }>(
    'look at the sessions of the database',
    `SELECT a.pid, a.usename AS role, r.rolsuper AS super, a.application_name AS application
     FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
     WHERE ${ELSEWHERE} AND NOT ${MAY_END} AND a.application_name IS DISTINCT FROM $2 ORDER BY a.pid`,
    [database, own],
  );
  const slots = await query<{ name: string; active: boolean }>(
    'look at the replication slots',
    'SELECT slot_name AS name, active FROM pg_catalog.pg_replication_slots WHERE database = $1 ORDER BY 1',
    [database],
  );
  const prepared = await query<{ transaction: string; owner: string }>(
    'look at the prepared transactions',
    'SELECT gid AS transaction, owner FROM pg_catalog.pg_prepared_xacts WHERE database = $1 ORDER BY 1',
    [database],
  );
  const subscriptions = await query<{ name: string; enabled: boolean }>(
    'look at the subscriptions',
    `SELECT subname AS name, subenabled AS enabled FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
     WHERE d.datname = $1 ORDER BY 1`,
    [database],
  );
  return {
    stubborn: stubborn.map(({ pid, role, super: isSuperuser, application }) => ({
      processId: pid,
      role: role ?? 'nobody that is shown',
      isSuperuser: isSuperuser ?? false,
      application: application ?? '',
    })),
    slots: slots.map(({ name, active: isActive }) => ({ name, isActive })),
    prepared,
    subscriptions: subscriptions.map(({ name, enabled: isEnabled }) => ({ name, isEnabled })),
  };
}

/** PostgreSQL cuts the name that a session gives itself. */
const LONGEST_APPLICATION_NAME = 63;

/** Those that the login may end. @param spared application name of sessions of this login that stay. @returns process ids of all that were there */
export async function endSessions({ query }: SourceConnection, database: string, spared?: string): Promise<string[]> {
  const ended = await query<{ pid: string }>(
    'end the sessions of the database',
    `SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
     WHERE ${ELSEWHERE} AND ${MAY_END} AND NOT coalesce(a.usename = current_user AND a.application_name = $2::text, false)`,
    [database, spared?.slice(0, LONGEST_APPLICATION_NAME)],
  );
  return ended.map(({ pid }) => pid);
}
