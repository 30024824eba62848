/**
 * Roles, memberships and settings as SQL that a person can run in the restored database, as often as needed: what is there already
 * is left as it is. Roles are made unable to log in; who could stands in a section of its own, commented out, since a role that can log
 * in needs a password first, and no password is part of a point.
 */
import type { PointRoles } from '../vault/roles.ts';

/** One setting of `ALTER ROLE … SET` or `ALTER DATABASE … SET`. Without a role it is the database's. */
export type DatabaseSetting = { role: string | undefined; everywhere: boolean; name: string; value: string };

/** Settings whose value is a list of names: the server quotes each part by itself. Taken from pg_dump. */
const LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

export function renderGlobals(roles: PointRoles, settings: readonly DatabaseSetting[]): string {
  return [
    '-- Roles, memberships and settings of a recovery point, without passwords. Run it in the restored database.',
    '',
    '-- Roles',
    ...roles.roles.map((role) => guarded(`CREATE ROLE ${identifier(role.name)}`)),
    '',
    '-- Attributes: choose what the restored server shall allow, and set a password for those that log in',
    ...roles.roles.map((role) => `-- ALTER ROLE ${identifier(role.name)} WITH ${attributes(role)};`),
    '',
    '-- Memberships',
    ...roles.memberships.map((m) => `GRANT ${identifier(m.role)} TO ${identifier(m.member)}${m.admin ? ' WITH ADMIN OPTION' : ''};`),
    '',
    '-- Settings',
    ...settings.map(renderSetting),
    '',
  ].join('\n');
}

const attributes = (role: PointRoles['roles'][number]) =>
  [
    role.superuser ? 'SUPERUSER' : 'NOSUPERUSER',
    role.inherit ? 'INHERIT' : 'NOINHERIT',
    role.createRole ? 'CREATEROLE' : 'NOCREATEROLE',
    role.createDatabase ? 'CREATEDB' : 'NOCREATEDB',
    role.login ? 'LOGIN' : 'NOLOGIN',
    role.replication ? 'REPLICATION' : 'NOREPLICATION',
    role.bypassRls ? 'BYPASSRLS' : 'NOBYPASSRLS',
    ...(role.connectionLimit === -1 ? [] : [`CONNECTION LIMIT ${role.connectionLimit}`]),
  ].join(' ');

/** ` SET "work_mem" TO '5MB'` */
export const renderAssignment = ({ name, value }: Pick<DatabaseSetting, 'name' | 'value'>): string =>
  ` SET ${identifier(name)} TO ${LISTS.has(name) ? listValue(value) : literal(value)}`;

/** The restored database may have another name: its own settings go to whichever database this runs in. */
function renderSetting({ role, everywhere, name, value }: DatabaseSetting): string {
  const set = renderAssignment({ name, value });
  if (role !== undefined && everywhere) return `ALTER ROLE ${identifier(role)}${set};`;
  const target = role === undefined ? 'ALTER DATABASE %I' : `ALTER ROLE ${identifier(role).replaceAll('%', '%%')} IN DATABASE %I`;
  return `DO ${literal(`BEGIN EXECUTE format(${literal(target)}, current_database()) || ${literal(set)}; END`)};`;
}

/** A list is kept as the server wrote it: names separated by commas, quoted where needed. */
const listValue = (value: string) =>
  [...value.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map((m) => literal(m[1]?.replaceAll('""', '"') ?? m[0])).join(', ') || "''";

const guarded = (statement: string) => `DO ${literal(`BEGIN ${statement}; EXCEPTION WHEN duplicate_object THEN NULL; END`)};`;

// Every statement stays on its own line, whatever a name holds: escapes stand for line breaks.
const identifier = (name: string) =>
  /[\r\n]/.test(name)
    ? `U&"${name
        .replaceAll('\\', String.raw`\\`)
        .replaceAll('"', '""')
        .replaceAll('\n', String.raw`\000A`)
        .replaceAll('\r', String.raw`\000D`)}"`
    : `"${name.replaceAll('"', '""')}"`;

const literal = (text: string) => {
  const quoted = text.replaceAll("'", "''");
  if (!/[\\\r\n]/.test(text)) return `'${quoted}'`;
  return `E'${quoted
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)}'`;
};
