/**
 * What one role may read of a database, asked of the catalogs for that role, whoever is logged in. `oid` is the role's; 0 stands for
 * a role that does not exist yet, which PostgreSQL's own functions take for "everybody".
 */
import { majorOf, type DatabaseFacts, type Reader, type Relation, type SchemaFacts } from '../../core/doctor/facts.ts';
import type { Query } from './connection.ts';

type RoleRow = {
  oid: string;
  superuser: boolean;
  bypass: boolean;
  login: boolean;
  create_role: boolean;
  create_db: boolean;
  replication: boolean;
  connection_limit: string;
  valid_until: string | null;
};

/** The major version that brought pg_read_all_data and pg_write_all_data. */
const DATA_ROLES_SINCE_MAJOR = 14;
/** Schemas of people: not the server's own, not those of sessions. */
const OWN_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
/** What an extension brings is not dumped but for its configuration tables. */
const IS_DUMPED = `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
     AND NOT c.oid = ANY (coalesce(e.extconfig, '{}')))`;
const kindOf = `CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END`;

export async function readReader(query: Query, name: string, versionNum: number): Promise<{ oid: string; reader: Reader }> {
  const [role] = await query<RoleRow>(
    'read the role',
    `SELECT oid::text, rolsuper AS superuser, rolbypassrls AS bypass, rolcanlogin AS login, rolcreaterole AS create_role, rolcreatedb AS create_db,
            rolreplication AS replication, rolconnlimit AS connection_limit,
            CASE WHEN isfinite(rolvaliduntil) THEN extract(epoch FROM rolvaliduntil) * 1000 END AS valid_until
       FROM pg_catalog.pg_roles WHERE rolname = $1`,
    [name],
  );
  const oid = role?.oid ?? '0';
  const has = (group: string) =>
    majorOf(versionNum) >= DATA_ROLES_SINCE_MAJOR && role !== undefined ? `pg_catalog.pg_has_role($1::oid, '${group}', 'USAGE')` : 'false';
  const [rights] = await query<{ reads_all: boolean; writes_all: boolean; connects: boolean; writable: string }>(
    'read the rights of the role',
    `SELECT ${has('pg_read_all_data')} AS reads_all, ${has('pg_write_all_data')} AS writes_all,
            pg_catalog.has_database_privilege($1::oid, current_database(), 'CONNECT') AS connects,
            (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p') AND ${OWN_SCHEMA} AND pg_catalog.has_table_privilege($1::oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS writable`,
    [oid],
  );
  const excess = {
    CREATEROLE: role?.create_role,
    CREATEDB: role?.create_db,
    REPLICATION: role?.replication,
    pg_write_all_data: rights?.writes_all,
  };
  const reader: Reader = {
    name,
    exists: role !== undefined,
    canLogin: role?.login ?? false,
    isSuperuser: role?.superuser ?? false,
    bypassesRls: role?.bypass ?? false,
    readsAllData: rights?.reads_all ?? false,
    canConnect: rights?.connects ?? false,
    connectionLimit: Number(role?.connection_limit ?? -1),
    validUntil: role?.valid_until == null ? undefined : new Date(Math.floor(Number(role.valid_until))),
    excessAttributes: Object.entries(excess).flatMap(([attribute, isSet]) => (isSet === true ? [attribute] : [])),
    writableTables: Number(rights?.writable ?? 0),
  };
  return { oid, reader };
}

/** Whether the grantee of an ACL item `a` is everybody, or a role whose rights the reader has. */
const REACHES_READER = `(a.grantee = 0 OR pg_catalog.pg_has_role($1::oid, a.grantee, 'USAGE'))`;

export async function readSchemas(query: Query, oid: string): Promise<SchemaFacts[]> {
  const rows = await query<{ name: string; owner: string; usable: boolean; creators: string; without: string }>(
    'read the schemas',
    `WITH creators AS (
       SELECT n.oid AS schema, n.nspowner AS role FROM pg_catalog.pg_namespace n WHERE ${OWN_SCHEMA}
       UNION SELECT c.relnamespace, c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'S') AND ${OWN_SCHEMA}
     ), judged AS (
       SELECT schema, role, role <> $1::oid AND 2 > (
         SELECT count(DISTINCT d.defaclobjtype) FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
          WHERE d.defaclrole = creators.role AND d.defaclnamespace IN (0, schema) AND d.defaclobjtype IN ('r', 'S')
            AND a.privilege_type = 'SELECT' AND ${REACHES_READER}) AS lacks
       FROM creators
     )
     SELECT n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner, pg_catalog.has_schema_privilege($1::oid, n.oid, 'USAGE') AS usable,
            json_agg(pg_catalog.pg_get_userbyid(j.role) ORDER BY j.role) AS creators,
            coalesce(json_agg(pg_catalog.pg_get_userbyid(j.role) ORDER BY j.role) FILTER (WHERE j.lacks), '[]') AS without
       FROM pg_catalog.pg_namespace n JOIN judged j ON j.schema = n.oid GROUP BY n.oid, n.nspname, n.nspowner ORDER BY n.nspname`,
    [oid],
  );
  return rows.map(({ name, owner, usable, creators, without }) => ({
    name,
    owner,
    creators: names(creators),
    creatorsWithoutDefaults: names(without),
    isUsable: usable,
  }));
}

export function readUnreadable(query: Query, oid: string): Promise<Relation[]> {
  return query<Relation>(
    'look for what cannot be read',
    `SELECT n.nspname AS schema, c.relname AS name, ${kindOf} AS kind, pg_catalog.pg_get_userbyid(c.relowner) AS owner
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND ${OWN_SCHEMA} AND ${IS_DUMPED}
        AND NOT pg_catalog.has_table_privilege($1::oid, c.oid, 'SELECT') ORDER BY 1, 2`,
    [oid],
  );
}

/** An owner is exempt from the policies of its table unless they are forced. */
export function readRowSecurity(query: Query, oid: string): Promise<Relation[]> {
  return query<Relation>(
    'look for row-level security',
    `SELECT n.nspname AS schema, c.relname AS name, ${kindOf} AS kind, pg_catalog.pg_get_userbyid(c.relowner) AS owner
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND ${OWN_SCHEMA} AND ${IS_DUMPED}
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = $1::oid AND (r.rolsuper OR r.rolbypassrls))
        AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role($1::oid, c.relowner, 'USAGE')) ORDER BY 1, 2`,
    [oid],
  );
}

export async function readLargeObjects(query: Query, oid: string): Promise<DatabaseFacts['largeObjects']> {
  const rows = await query<{ owner: string; objects: string; unreadable: string }>(
    'look for large objects',
    `SELECT pg_catalog.pg_get_userbyid(m.lomowner) AS owner, count(*) AS objects,
            coalesce(json_agg(m.oid::text ORDER BY m.oid) FILTER (WHERE NOT (
              current_setting('lo_compat_privileges')::boolean
              OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = $1::oid AND r.rolsuper)
              OR pg_catalog.pg_has_role($1::oid, m.lomowner, 'USAGE')
              OR EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT' AND ${REACHES_READER}))), '[]') AS unreadable
       FROM pg_catalog.pg_largeobject_metadata m GROUP BY m.lomowner ORDER BY 1`,
    [oid],
  );
  const defaults = await query<{ owner: string }>(
    'look for default privileges of large objects',
    `SELECT DISTINCT pg_catalog.pg_get_userbyid(d.defaclrole) AS owner FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
      WHERE d.defaclobjtype = 'L' AND a.privilege_type = 'SELECT' AND ${REACHES_READER}`,
    [oid],
  );
  const owners = rows.map(({ owner, objects, unreadable }) => ({ owner, objects: Number(objects), ids: names(unreadable) }));
  return {
    total: owners.reduce((sum, { objects }) => sum + objects, 0),
    owners: owners.map(({ owner, objects, ids }) => ({ owner, objects, unreadable: ids.length })),
    unreadable: owners.flatMap(({ ids }) => ids).sort((a, b) => Number(a) - Number(b)),
    ownersWithDefaults: defaults.map(({ owner }) => owner),
  };
}

/** A JSON list of text: names may hold anything, so the server does the quoting. */
const names = (json: string): string[] => JSON.parse(json) as string[];
