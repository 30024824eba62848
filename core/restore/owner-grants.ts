import { quoteIdentifier } from './sql-names.ts';

/** Since when only its owner may create in the schema public of a new database. */
const FIRST_WITH_CLOSED_PUBLIC = 15;

/**
 * Whoever is given an object must be allowed to create where it is; only a superuser who gives it is not asked. `after` takes back
 * what the archive does not grant by itself (`keep`: roles that it lets create in the schema public).
 */
export function ownerGrantStatements(
  database: string,
  owners: readonly string[],
  keep: ReadonlySet<string>,
  serverMajor: number,
): { before: string[]; after: string[] } {
  if (owners.length === 0) return { before: [], after: [] };
  const list = (names: readonly string[]) => names.map(quoteIdentifier).join(', ');
  const inDatabase = `CREATE ON DATABASE ${quoteIdentifier(database)}`;
  const inPublic = 'CREATE ON SCHEMA public';
  const isClosed = serverMajor >= FIRST_WITH_CLOSED_PUBLIC;
  const takenBack = owners.filter((name) => !keep.has(name));
  return {
    before: [`GRANT ${inDatabase} TO ${list(owners)}`, ...(isClosed ? [`GRANT ${inPublic} TO ${list(owners)}`] : [])],
    after: [
      `REVOKE ${inDatabase} FROM ${list(owners)}`,
      ...(isClosed && takenBack.length > 0 ? [`REVOKE ${inPublic} FROM ${list(takenBack)}`] : []),
    ],
  };
}
