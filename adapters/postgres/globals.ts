/** What belongs to the whole server and pg_dump leaves out: roles, memberships and settings. A plain role may read all of this. */
import type { DatabaseSetting } from '../../core/backup/globals-sql.ts';
import { PointRoles } from '../../core/vault/roles.ts';
import type { SourceConnection } from './connection.ts';

/** `pg_…` roles come with the server itself. Passwords are in no view that this role may read, and are not asked for. */
export async function readRoles({ query }: SourceConnection): Promise<PointRoles> {
  const roles = await query<RoleRow>(
    'read the roles',
    `SELECT rolname AS name, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit
       FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname`,
  );
  const memberships = await query<{ role: string; member: string; admin: boolean }>(
    'read the memberships',
    `SELECT r.rolname AS role, m.rolname AS member, bool_or(a.admin_option) AS admin
       FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
      WHERE m.rolname !~ '^pg_' GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return PointRoles.parse({
    format: 'holdfast/roles/v1',
    roles: roles.map((r) => ({
      name: r.name,
      superuser: r.rolsuper,
      inherit: r.rolinherit,
      createRole: r.rolcreaterole,
      createDatabase: r.rolcreatedb,
      login: r.rolcanlogin,
      replication: r.rolreplication,
      bypassRls: r.rolbypassrls,
      connectionLimit: Number(r.rolconnlimit),
    })),
    memberships,
  });
}

type RoleRow = {
  name: string;
  rolsuper: boolean;
  rolinherit: boolean;
  rolcreaterole: boolean;
  rolcreatedb: boolean;
  rolcanlogin: boolean;
  rolreplication: boolean;
  rolbypassrls: boolean;
  rolconnlimit: string;
};

/** Settings of this database, of roles in it, and of roles everywhere. */
export async function readSettings({ query }: SourceConnection): Promise<DatabaseSetting[]> {
  const rows = await query<{ role: string | null; everywhere: boolean; setting: string }>(
    'read the settings of roles and database',
    `SELECT r.rolname AS role, s.setdatabase = 0 AS everywhere, unnest(s.setconfig) AS setting
       FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
      WHERE s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      ORDER BY 1 NULLS FIRST, 2, 3`,
  );
  return rows.map(({ role, everywhere, setting }) => {
    const at = setting.indexOf('=');
    return { role: role ?? undefined, everywhere, name: setting.slice(0, at), value: setting.slice(at + 1) };
  });
}
