import type { PointRoles } from '../vault/roles.ts';
import { quoteIdentifier } from './sql-names.ts';

/** Predefined roles: every server has its own, and none can be made. */
export const isPredefined = (name: string) => name.startsWith('pg_');

/** Names of the point's roles that the server does not have, in order. */
export const selectMissingRoles = (roles: PointRoles, present: readonly string[]): string[] =>
  roles.roles.map((role) => role.name).filter((name) => !isPredefined(name) && !present.includes(name));

/** Makes a role that owns and is granted what the dump says, and can do nothing else: no login, no power over the server. */
export const createRoleStatement = (name: string): string =>
  `CREATE ROLE ${quoteIdentifier(name)} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`;

/**
 * Roles of a server that lives for one restore: they cannot log in, and else can do what those of the source can. What they own runs with
 * their rights while it is restored (materialized views, expressions of indexes), and some of it only a superuser may own.
 * @param owners of what the source's server, a managed one, lets others own too
 */
export function throwawayRoleStatements(roles: PointRoles, present: readonly string[], owners: readonly string[]): string[] {
  const missing = new Set(selectMissingRoles(roles, present));
  const made = roles.roles.filter(({ name }) => missing.has(name));
  const known = new Set([...present, ...missing]);
  return [
    ...made.map(({ name, superuser, bypassRls, inherit }) => {
      const rights = [superuser || owners.includes(name) ? 'SUPERUSER' : 'NOSUPERUSER', bypassRls ? 'BYPASSRLS' : 'NOBYPASSRLS'];
      return `CREATE ROLE ${quoteIdentifier(name)} NOLOGIN ${rights.join(' ')} ${inherit ? 'INHERIT' : 'NOINHERIT'}`;
    }),
    ...roles.memberships
      .filter(({ role, member }) => known.has(role) && missing.has(member))
      .map(({ role, member }) => `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}`),
  ];
}
