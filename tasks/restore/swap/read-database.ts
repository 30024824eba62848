/** What a database of a server is, seen from another database of it. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import {
  readComment,
  type DatabaseGrant,
  type DatabaseProperties,
  type SaidOfDatabase,
} from '../../../core/restore/database-properties.ts';
import { RIGHT_TO_GIVE } from '../right-to-give.ts';

export type FoundDatabase = DatabaseProperties &
  SaidOfDatabase & {
    oid: string;
    /** Whether the login is its owner, or may do what its owner may. */
    isOwned: boolean;
    /** Whether the login may give a database to the owner. */
    mayGive: boolean;
    allowsConnections: boolean;
    isTemplate: boolean;
  };

/** Undefined when there is none of this name. */
export async function readDatabase({ query }: SourceConnection, database: string): Promise<FoundDatabase | undefined> {
  const [found] = await query<Row>(
    'look at the database',
    `SELECT d.oid::text, pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_has_role(current_user, datdba, 'USAGE') AS is_owned,
       pg_catalog.pg_has_role(current_user, datdba, ${RIGHT_TO_GIVE}) AS may_give,
       datallowconn, datistemplate, datconnlimit, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
     FROM pg_catalog.pg_database d WHERE datname = $1`,
    [database],
  );
  if (!found) return undefined;
  // What is granted by its owner's right alone is no grant: another owner has the same.
  const grants = await query<{ grantee: string | null; privilege: DatabaseGrant['privilege']; is_grantable: boolean }>(
    'look at who may enter the database',
    `SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END AS grantee, a.privilege_type AS privilege,
       bool_or(a.is_grantable) AS is_grantable
     FROM pg_catalog.pg_database d, pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
     WHERE d.datname = $1 AND a.grantee <> d.datdba GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2`,
    [database],
  );
  const settings = await query<{ role: string | null; setting: string }>(
    'look at the settings of the database',
    `SELECT r.rolname AS role, unnest(s.setconfig) AS setting FROM pg_catalog.pg_db_role_setting s
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = $1::oid ORDER BY 1 NULLS FIRST, 2`,
    [found.oid],
  );
  return {
    oid: found.oid,
    owner: found.owner,
    isOwned: found.is_owned,
    mayGive: found.may_give,
    allowsConnections: found.datallowconn,
    isTemplate: found.datistemplate,
    connectionLimit: Number(found.datconnlimit),
    ...readComment(found.comment ?? undefined),
    grants: grants.map(({ grantee, privilege, is_grantable: isGrantable }) => ({ grantee: grantee ?? undefined, privilege, isGrantable })),
    settings: settings.map(({ role, setting }) => {
      const at = setting.indexOf('=');
      return { role: role ?? undefined, name: setting.slice(0, at), value: setting.slice(at + 1) };
    }),
  };
}

type Row = {
  oid: string;
  owner: string;
  is_owned: boolean;
  may_give: boolean;
  datallowconn: boolean;
  datistemplate: boolean;
  datconnlimit: string;
  comment: string | null;
};
