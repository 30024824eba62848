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
