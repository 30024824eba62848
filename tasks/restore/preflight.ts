/** Before a restore writes anything: all that would stop it at once, and the roles that it needs. */
import { findObstacles, nameSome, type Preflight, type TargetServer } from '../../core/restore/find-obstacles.ts';
import type { ArchiveNeeds } from '../../core/restore/archive-needs.ts';
import type { RestoreLogin } from '../../core/restore/restore-login.ts';
import { createRoleStatement } from '../../core/restore/role-statements.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import { RIGHT_TO_GIVE } from './right-to-give.ts';
import type { Target } from './target.ts';
import { unfitFor } from './unfit-for.ts';

/** Throws TargetUnfit with every obstacle that there is and what to do about each. */
export async function checkTarget(target: Target, needs: ArchiveNeeds, options: RestoreLogin): Promise<Preflight> {
  const preflight = findObstacles(await readServer(target), needs, options);
  if (preflight.obstacles.length === 0) return preflight;
  throw unfitFor(preflight.obstacles);
}

export async function readServer({ connection: { query }, rights }: Target): Promise<TargetServer> {
  const roles = await query<{ name: string; may_become: boolean }>(
    'read the roles',
    `SELECT rolname AS name, pg_catalog.pg_has_role(current_user, oid, ${RIGHT_TO_GIVE}) AS may_become FROM pg_catalog.pg_roles`,
  );
  const extensions = await query<{ name: string }>('read the extensions', 'SELECT name FROM pg_catalog.pg_available_extensions');
  return {
    ...rights,
    roles: roles.map(({ name, may_become: mayBecome }) => ({ name, mayBecome })),
    extensions: extensions.map(({ name }) => name),
  };
}

/** Makes the roles that the server lacks, unable to log in; the login, when it is no superuser, becomes a member so as to give them objects. */
export async function provideRoles({ connection, rights }: Target, { missingRoles }: Preflight): Promise<string[]> {
  for (const name of missingRoles) {
    await connection.query(`create the role ${name}`, createRoleStatement(name));
    if (!rights.isSuperuser) await connection.query(`join the role ${name}`, `GRANT ${quoteIdentifier(name)} TO CURRENT_USER`);
  }
  if (missingRoles.length === 0) return [];
  const joined = rights.isSuperuser ? '' : `; ${rights.login} is a member of them`;
  return [`The roles ${nameSome(missingRoles)} were missing and have been made, unable to log in${joined}`];
}
