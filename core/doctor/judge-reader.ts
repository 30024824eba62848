/** Whether the role that dumps may read everything, and nothing more. */
import type { Finding } from '../plan/finding.ts';
import { majorOf, type DatabaseFacts, type Relation } from './facts.ts';
import { quoteIdentifier } from '../restore/sql-names.ts';
import { plural } from '../quantities.ts';

const GRANTS = 'Run `npx holdfast doctor --grants` and let the database’s administrator apply what it prints';
/** pg_dump, our own session that holds the snapshot, and one that may not have ended yet. */
const CONNECTIONS_NEEDED = 3;
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;
const NAMES_SHOWN = 5;

export function judgeReader(facts: DatabaseFacts): Finding[] {
  const { reader } = facts;
  if (!reader.exists) return [error('reader', reader.name, 'There is no such role', GRANTS)];
  if (reader.isSuperuser) {
    return [
      warning(
        'reader',
        reader.name,
        'A superuser dumps: whoever gets its password owns the server',
        'Give the dump a role of its own: `npx holdfast doctor --grants`',
      ),
    ];
  }
  return [...judgeLogin(facts), ...judgeReading(facts), ...judgeLargeObjects(facts), ...judgeExcess(facts)];
}

function judgeLogin({ reader, inspectedAt }: DatabaseFacts): Finding[] {
  const findings: Finding[] = [];
  if (!reader.canLogin) findings.push(error('reader', reader.name, 'This role may not log in', GRANTS));
  if (!reader.canConnect) findings.push(error('reader', reader.name, 'This role may not connect to this database', GRANTS));
  if (reader.connectionLimit >= 0 && reader.connectionLimit < CONNECTIONS_NEEDED) {
    const fix = `ALTER ROLE ${quoteIdentifier(reader.name)} CONNECTION LIMIT ${CONNECTIONS_NEEDED}, or more`;
    findings.push(
      warning('reader.connectionLimit', String(reader.connectionLimit), `A dump needs up to ${CONNECTIONS_NEEDED} connections`, fix),
    );
  }
  if (reader.validUntil !== undefined) {
    const until = reader.validUntil.toISOString().slice(0, 10);
    const left = reader.validUntil.getTime() - inspectedAt.getTime();
    if (left <= 0)
      findings.push(
        error(
          'reader.validUntil',
          until,
          'The password of this role is no longer valid',
          'Set a new password and VALID UNTIL, and update the secret',
        ),
      );
    else if (left < SOON_DAYS * DAY_MS)
      findings.push(
        warning(
          'reader.validUntil',
          until,
          `The password ends within ${SOON_DAYS} days`,
          'Set a new password and VALID UNTIL, and update the secret',
        ),
      );
  }
  return findings;
}

function judgeReading({ reader, schemas, unreadable, rowSecurity }: DatabaseFacts): Finding[] {
  const findings: Finding[] = [];
  const closed = schemas.filter((schema) => !schema.isUsable).map((schema) => schema.name);
  if (closed.length > 0)
    findings.push(error('schemas', some(closed), `${plural(closed.length, 'schema is', 'schemas are')} closed to ${reader.name}`, GRANTS));
  for (const kind of ['table', 'sequence'] as const) {
    const names = unreadable.filter((relation) => relation.kind === kind).map(qualified);
    if (names.length > 0)
      findings.push(
        error(`${kind}s`, some(names), `${names.length} ${kind}s cannot be read by ${reader.name}: the dump would fail`, GRANTS),
      );
  }
  if (rowSecurity.length > 0) {
    const problem = `Row-level security hides rows of ${plural(rowSecurity.length, 'table')} from ${reader.name}: pg_dump refuses to dump a part for the whole`;
    findings.push(error('rowSecurity', some(rowSecurity.map(qualified)), problem, GRANTS));
  }
  const later = schemas.filter((schema) => schema.creatorsWithoutDefaults.length > 0).map((schema) => schema.name);
  if (!reader.readsAllData && later.length > 0) {
    findings.push(
      warning(
        'defaultPrivileges',
        some(later),
        'Tables that are made later in these schemas could not be read: the dump would fail from then on',
        GRANTS,
      ),
    );
  }
  return findings;
}

/** PostgreSQL 18 brought default privileges for large objects. */
const LARGE_OBJECT_DEFAULTS_SINCE_MAJOR = 18;

function judgeLargeObjects({ reader, largeObjects, server }: DatabaseFacts): Finding[] {
  const findings: Finding[] = [];
  const foreign = largeObjects.owners.filter(({ unreadable }) => unreadable > 0);
  if (foreign.length > 0) {
    const value = some(foreign.map(({ owner, unreadable }) => `${unreadable} of ${owner}`));
    findings.push(
      error(
        'largeObjects',
        value,
        `${largeObjects.unreadable.length} large objects cannot be read by ${reader.name}; pg_read_all_data does not reach them`,
        GRANTS,
      ),
    );
  }
  const owners = largeObjects.owners
    .map(({ owner }) => owner)
    .filter((owner) => owner !== reader.name && !largeObjects.ownersWithDefaults.includes(owner));
  if (owners.length > 0) {
    const hasDefaults = majorOf(server.versionNum) >= LARGE_OBJECT_DEFAULTS_SINCE_MAJOR;
    const fix = hasDefaults
      ? GRANTS
      : 'Let the application grant SELECT on each large object that it makes, or run the grants again after it made some';
    findings.push(
      warning(
        'largeObjects',
        some(owners),
        'Large objects that these roles make later could not be read: the dump would fail from then on',
        fix,
      ),
    );
  }
  return findings;
}

function judgeExcess({ reader }: DatabaseFacts): Finding[] {
  const findings: Finding[] = [];
  if (reader.writableTables > 0) {
    const problem = `${reader.name} may write into ${plural(reader.writableTables, 'table')}: a dump only reads`;
    findings.push(warning('reader', reader.name, problem, 'Dump with a role of its own that owns nothing and has SELECT alone'));
  }
  if (reader.excessAttributes.length > 0) {
    findings.push(
      warning(
        'reader',
        reader.excessAttributes.join(', '),
        'A dump does not need these',
        `ALTER ROLE ${quoteIdentifier(reader.name)} without them, or dump with a role of its own`,
      ),
    );
  }
  return findings;
}

const qualified = ({ schema, name }: Relation) => `${schema}.${name}`;
const some = (names: readonly string[]) =>
  names.length > NAMES_SHOWN ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more` : names.join(', ');
const error = (path: string, value: string, problem: string, fix: string): Finding => ({ severity: 'error', path, value, problem, fix });
const warning = (path: string, value: string, problem: string, fix: string): Finding => ({
  severity: 'warning',
  path,
  value,
  problem,
  fix,
});
