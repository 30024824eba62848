/**
 * The SQL that lets one role dump one database and do nothing else, as far as PostgreSQL has such rights. Printed for the database's
 * own administrator to read and run: Holdfast never runs it. What is granted already is left out, so that the second run prints
 * nothing.
 */
import { quoteIdentifier } from '../restore/sql-names.ts';
import { majorOf, type DatabaseFacts } from './facts.ts';

/** The major version that brought the role pg_read_all_data, and default privileges for large objects. */
const READ_ALL_DATA_SINCE_MAJOR = 14;
const LARGE_OBJECT_DEFAULTS_SINCE_MAJOR = 18;
/** Object ids per statement: few enough to read and to stay far from any limit. */
const LARGE_OBJECTS_PER_STATEMENT = 500;

export type GrantOptions = {
  /** Schema by schema instead of pg_read_all_data, which reads every database of the server. */
  explicit?: boolean;
};

export function grantStatements(facts: DatabaseFacts, { explicit = false }: GrantOptions = {}): string[] {
  const { reader } = facts;
  if (reader.isSuperuser) return [];
  const statements = [
    ...ofRole(facts),
    ...(explicit || majorOf(facts.server.versionNum) < READ_ALL_DATA_SINCE_MAJOR ? bySchema(facts) : byRole(facts)),
    ...ofLargeObjects(facts),
  ];
  // A session that is read-only by default could not run any of this.
  return statements.length > 0 && facts.server.defaultReadOnly ? ['SET default_transaction_read_only = off;', ...statements] : statements;
}

function ofRole({ reader, database, rowSecurity }: DatabaseFacts): string[] {
  const name = quoteIdentifier(reader.name);
  // Nothing but row-level security asks for it: without such a table the role goes without.
  const needsBypass = rowSecurity.length > 0 && !reader.bypassesRls;
  return [
    ...(reader.exists ? [] : [`CREATE ROLE ${name} LOGIN;`]),
    ...(reader.exists && !reader.canLogin ? [`ALTER ROLE ${name} LOGIN;`] : []),
    ...(reader.canConnect ? [] : [`GRANT CONNECT ON DATABASE ${quoteIdentifier(database.name)} TO ${name};`]),
    ...(needsBypass ? [`ALTER ROLE ${name} BYPASSRLS;`] : []),
  ];
}

function byRole({ reader }: DatabaseFacts): string[] {
  return reader.readsAllData ? [] : [`GRANT pg_read_all_data TO ${quoteIdentifier(reader.name)};`];
}

function bySchema({ reader, schemas, unreadable }: DatabaseFacts): string[] {
  if (reader.readsAllData) return [];
  const role = quoteIdentifier(reader.name);
  const closed = (schema: string, kind: 'table' | 'sequence') =>
    unreadable.some((relation) => relation.schema === schema && relation.kind === kind);
  return schemas.flatMap(({ name, isUsable, creatorsWithoutDefaults }) => {
    const schema = quoteIdentifier(name);
    return [
      ...(isUsable ? [] : [`GRANT USAGE ON SCHEMA ${schema} TO ${role};`]),
      ...(closed(name, 'table') ? [`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role};`] : []),
      ...(closed(name, 'sequence') ? [`GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};`] : []),
      ...creatorsWithoutDefaults.flatMap((creator) =>
        ['TABLES', 'SEQUENCES'].map(
          (kind) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(creator)} IN SCHEMA ${schema} GRANT SELECT ON ${kind} TO ${role};`,
        ),
      ),
    ];
  });
}

/** pg_read_all_data does not reach large objects: each has an owner and a list of rights of its own. */
function ofLargeObjects({ reader, largeObjects, server }: DatabaseFacts): string[] {
  const role = quoteIdentifier(reader.name);
  const ids = largeObjects.unreadable;
  const grants = Array.from({ length: Math.ceil(ids.length / LARGE_OBJECTS_PER_STATEMENT) }, (_, i) => {
    const some = ids.slice(i * LARGE_OBJECTS_PER_STATEMENT, (i + 1) * LARGE_OBJECTS_PER_STATEMENT);
    return `GRANT SELECT ON LARGE OBJECT ${some.join(', ')} TO ${role};`;
  });
  if (majorOf(server.versionNum) < LARGE_OBJECT_DEFAULTS_SINCE_MAJOR) return grants;
  const later = largeObjects.owners
    .filter(({ owner }) => owner !== reader.name && !largeObjects.ownersWithDefaults.includes(owner))
    .map(({ owner }) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(owner)} GRANT SELECT ON LARGE OBJECTS TO ${role};`);
  return [...grants, ...later];
}

/** Always in double quotes: a name is then never a keyword, and never folded. */
