/** Everything that would stop a restore, found before anything is written, each with what to do. Pure. */
import type { ArchiveNeeds } from './archive-needs.ts';
import type { RestoreLogin } from './restore-login.ts';
import { isPredefined } from './role-statements.ts';
import { quoteIdentifier } from './sql-names.ts';

export type TargetServer = {
  /** The role that is logged in. */
  login: string;
  isSuperuser: boolean;
  mayCreateDatabase: boolean;
  mayCreateRoles: boolean;
  /** `mayBecome`: the login may give objects to it. */
  roles: { name: string; mayBecome: boolean }[];
  /** Names of the extensions that the server could install. */
  extensions: string[];
};

export type Obstacle = { what: string; fix: string };
export type Preflight = { obstacles: Obstacle[]; missingRoles: string[]; owners: string[] };

const NAMED = 10;
export const nameSome = (names: readonly string[]): string =>
  `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;

/** `missingRoles` are to be made by the restore when nothing stands in its way; `owners` are the roles that get objects. */
export function findObstacles(
  server: TargetServer,
  needs: ArchiveNeeds,
  { noOwner, noPrivileges, isOwn }: Omit<RestoreLogin, 'secret'>,
): Preflight {
  const ownersOf = noOwner ? [] : [...new Set([...needs.owners, ...(server.isSuperuser ? needs.optionalOwners : [])])];
  const granted = noPrivileges ? [] : [...needs.grantees, ...needs.grantors];
  const becomes = new Set([...ownersOf, ...(noPrivileges ? [] : needs.grantors)]);
  const present = new Map(server.roles.map((role) => [role.name, role]));
  const wanted = [...new Set([...ownersOf, ...granted, ...needs.policyRoles])].filter((name) => !isPredefined(name)).toSorted();
  const missingRoles = wanted.filter((name) => !present.has(name));
  const foreign = [...becomes].filter((name) => !isPredefined(name) && present.get(name)?.mayBecome === false).toSorted();
  const unavailable = [...needs.extensions].filter((name) => !server.extensions.includes(name)).toSorted();
  const login = quoteIdentifier(server.login);
  const sql = (names: readonly string[]) => nameSome(names.map(quoteIdentifier));

  const obstacles: Obstacle[] = [];
  const stands = (what: string, fix: string) => obstacles.push({ what, fix });
  if (!server.mayCreateDatabase && !server.isSuperuser)
    stands(`the role ${server.login} may not create a database`, `ALTER ROLE ${login} CREATEDB`);
  if (foreign.length > 0)
    stands(
      `the role ${server.login} may not give objects to ${nameSome(foreign)}`,
      `GRANT ${sql(foreign)} TO ${login}, or set \`restore.noOwner\` and \`restore.noPrivileges\` in the plan`,
    );
  if (missingRoles.length > 0 && !server.mayCreateRoles && !server.isSuperuser) {
    const isAvoidable = !missingRoles.some((name) => needs.policyRoles.has(name));
    stands(
      `the server does not have the roles ${nameSome(missingRoles)}, and ${server.login} may not make them`,
      `CREATE ROLE ${sql(missingRoles)}, each NOLOGIN, or ALTER ROLE ${login} CREATEROLE${isAvoidable ? ', or set `restore.noOwner` and `restore.noPrivileges` in the plan' : ''}`,
    );
  }
  if (unavailable.length > 0)
    stands(
      `the server does not have the extensions ${nameSome(unavailable)}`,
      `Install the extensions ${nameSome(unavailable)} on the server`,
    );
  if (obstacles.length > 0 && !isOwn)
    stands(
      'the plan names no login for restores, so the one of the dump was used',
      'Name a login with these rights in `restore.secret` of the plan',
    );
  return { obstacles, missingRoles, owners: ownersOf.filter((name) => !isPredefined(name)).toSorted() };
}
