/** What in a database belongs to a login, and the SQL that gives it to somebody else. Pure. */
import { quoteIdentifier } from './sql-names.ts';

/**
 * Where PostgreSQL keeps who owns what. REASSIGN OWNED gives away what the login owns anywhere on the server, other databases among
 * it, and refuses for the role that the server was set up with.
 */
const OWNERS = [
  ['pg_namespace', 'nspowner'],
  ['pg_class', 'relowner'],
  ['pg_type', 'typowner'],
  ['pg_proc', 'proowner'],
  ['pg_operator', 'oprowner'],
  ['pg_opfamily', 'opfowner'],
  ['pg_opclass', 'opcowner'],
  ['pg_collation', 'collowner'],
  ['pg_conversion', 'conowner'],
  ['pg_statistic_ext', 'stxowner'],
  ['pg_ts_dict', 'dictowner'],
  ['pg_ts_config', 'cfgowner'],
  ['pg_foreign_server', 'srvowner'],
  ['pg_publication', 'pubowner'],
  // These go to a superuser alone, or to nobody but who made them, as the server and its version have it: what is refused is named.
  ['pg_foreign_data_wrapper', 'fdwowner'],
  ['pg_event_trigger', 'evtowner'],
  ['pg_language', 'lanowner'],
] as const;

/** What comes with a database, such as the schema public, has a smaller oid. */
const FIRST_OF_USERS = 16384;

/**
 * Schemas first, for whoever is given a table may create where it is; sequences last, for that of a column goes with its table. What an
 * extension has made stays with it, and what is a part of something else goes with that.
 */
export const OWNED_SQL = `
  SELECT owned.classid || '/' || owned.objid AS key, o.type, o.identity FROM (${OWNERS.map(
    ([catalog, owner]) =>
      `SELECT '${catalog}'::pg_catalog.regclass::oid AS classid, oid AS objid FROM pg_catalog.${catalog} WHERE oid >= ${FIRST_OF_USERS} AND ${owner} = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)${
        catalog === 'pg_class' ? " AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')" : ''
      }`,
  ).join(' UNION ALL ')}) AS owned, pg_catalog.pg_identify_object(owned.classid, owned.objid, 0) AS o
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = owned.classid AND d.objid = owned.objid AND d.objsubid = 0 AND d.deptype IN ('e', 'i'))
  UNION ALL
  SELECT 'large object/' || oid || '/' || xmin, 'large object', oid::text FROM pg_catalog.pg_largeobject_metadata
  WHERE lomowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)`;

/** Those of this database, from the first server that shows their number to every login: before, superusers alone had any. */
export const SUBSCRIPTIONS_SQL = `
  SELECT 'subscription/' || oid AS key, 'subscription' AS type, pg_catalog.quote_ident(subname) AS identity FROM pg_catalog.pg_subscription
  WHERE subowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
    AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
export const SHOWS_SUBSCRIPTIONS_SQL = `SELECT rolsuper OR current_setting('server_version_num')::int >= 140000 AS shown FROM pg_catalog.pg_roles WHERE rolname = current_user`;

/**
 * As pg_identify_object names it. `key`: another one's where an object was dropped and made anew under its name; large objects are made
 * anew under their number.
 */
export type OwnedObject = { key: string; type: string; identity: string };

const TURNS: Record<string, number> = { schema: 0, sequence: 2 };

export const inTurn = (objects: readonly OwnedObject[]): OwnedObject[] =>
  objects.toSorted((a, b) => (TURNS[a.type] ?? 1) - (TURNS[b.type] ?? 1));

/** Where the word of ALTER is not that of pg_identify_object. One word is for functions, procedures and aggregates alike. */
const WORDS: Record<string, string> = {
  function: 'ROUTINE',
  procedure: 'ROUTINE',
  aggregate: 'ROUTINE',
  'statistics object': 'STATISTICS',
  'foreign-data wrapper': 'FOREIGN DATA WRAPPER',
};

export const giveStatement = ({ type, identity }: OwnedObject, owner: string): string =>
  `ALTER ${WORDS[type] ?? type.toUpperCase()} ${identity} OWNER TO ${quoteIdentifier(owner)}`;
