/** An empty database that remembers what a dropped one was to its users, from before the drop until the new one has it. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { propertyStatements, type DatabaseProperties } from '../../../core/restore/database-properties.ts';
import type { Obstacle } from '../../../core/restore/find-obstacles.ts';
import { readRemembered, writeRemembered, type Remembered } from '../../../core/restore/shell-comment.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { isUnfinishedShell, shellDatabaseName, unfinishedShellName } from '../../../core/restore/target-names.ts';
import { TargetUnfit } from '../errors.ts';
import { rename } from './close-database.ts';
import { markDatabase } from './mark.ts';
import { readDatabase, type FoundDatabase } from './read-database.ts';
import { runProperties, transact } from './transact.ts';

type Shell = { properties: DatabaseProperties } & Pick<Remembered, 'run' | 'safety'>;

/** Undefined where there is none. Throws TargetUnfit when there is one of its name that is not the restore's to drop. */
export async function readShell(connection: SourceConnection, database: string): Promise<Shell | undefined> {
  const found = await lookForShell(connection, database);
  if (found === undefined) return undefined;
  if ('what' in found) throw unfit(found);
  return found;
}

/** What stands in the way of remembering. */
export async function findForeignShell(connection: SourceConnection, database: string): Promise<Obstacle[]> {
  const found = await lookForShell(connection, database);
  return found !== undefined && 'what' in found ? [found] : [];
}

async function lookForShell(connection: SourceConnection, database: string): Promise<Shell | Obstacle | undefined> {
  const shell = shellDatabaseName(database);
  const kept = await readDatabase(connection, shell);
  if (kept === undefined) return undefined;
  const remembered = readRemembered(kept.comment);
  const why = `a restore needs its name to remember what ${JSON.stringify(database)} was`;
  if (remembered === undefined)
    return {
      what: `the database ${JSON.stringify(shell)} is not one that Holdfast has made, and ${why}`,
      fix: `Find out whose it is, and give it another name: ${rename(shell, `${shell}_2`)}`,
    };
  if (!kept.isOwned)
    return {
      what: `the database ${JSON.stringify(shell)} of an earlier restore belongs to ${kept.owner}, and ${why}`,
      fix: `Restore with that login, or GRANT ${quoteIdentifier(kept.owner)} TO the one that restores`,
    };
  const { owner, comment, run, safety } = remembered;
  return { properties: { ...kept, owner, comment: comment ?? undefined }, run, safety };
}

const unfit = ({ what, fix }: Obstacle) => new TargetUnfit('TargetRefused', what, fix);

/** What an earlier try has kept, of a database that it did not drop, may be out of date. Throws TargetUnfit. */
export async function keepProperties(
  connection: SourceConnection,
  old: FoundDatabase & { name: string },
  { run, safety }: { run: string; safety: string },
): Promise<void> {
  const { query } = connection;
  const [shell, unfinished] = [shellDatabaseName(old.name), unfinishedShellName(old.name, run)];
  const isKept = (await readShell(connection, old.name)) !== undefined;
  for (const name of [...(await findUnfinished(connection, old.name)), ...(isKept ? [shell] : [])])
    await query('forget what an earlier try has kept', `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
  await query('keep what the old database was', `CREATE DATABASE ${quoteIdentifier(unfinished)} TEMPLATE template0`);
  await transact(connection, async () => {
    // The login keeps it: it has to drop it in the end.
    await runProperties(
      connection,
      propertyStatements(unfinished, old).filter(({ isLast }) => isLast !== true),
    );
    const remembered = writeRemembered({ owner: old.owner, comment: old.comment ?? null, run, safety });
    await query('keep whose the old database was', `COMMENT ON DATABASE ${quoteIdentifier(unfinished)} IS ${quoteLiteral(remembered)}`);
    await query('name what is kept', rename(unfinished, shell));
  });
}

/** Where the old database stands after all: nobody is to believe that it was dropped. */
export async function forgetProperties(connection: SourceConnection, old: FoundDatabase & { name: string }): Promise<void> {
  if ((await readDatabase(connection, old.name))?.oid !== old.oid) return;
  if ((await readShell(connection, old.name)) === undefined) return;
  await connection.query(
    'forget what the old database was',
    `DROP DATABASE IF EXISTS ${quoteIdentifier(shellDatabaseName(old.name))} WITH (FORCE)`,
  );
}

/** Of this and of earlier runs that were killed right there. Nothing is in them. */
async function findUnfinished({ query }: SourceConnection, database: string): Promise<string[]> {
  const mine = await query<{ name: string }>(
    'look for what an earlier try has begun to keep',
    `SELECT datname AS name FROM pg_catalog.pg_database WHERE pg_catalog.pg_has_role(current_user, datdba, 'USAGE')`,
  );
  return mine.map(({ name }) => name).filter((name) => isUnfinishedShell(name, database));
}

/** Who may enter, and what is set. May be done again. */
export async function giveProperties(connection: SourceConnection, database: string): Promise<string[]> {
  const shell = await readShell(connection, database);
  if (shell === undefined) return [notKnown(database)];
  const statements = propertyStatements(database, shell.properties).filter(({ isLast }) => isLast !== true);
  const refused = await transact(connection, () => runProperties(connection, statements));
  return refused.map((what) => `The old database had ${what}, which the login may not set: it has to be set by hand`);
}

/** From now on it is its owner's, and nothing is left to do. May be done again: what is kept goes last. */
export async function handOver(connection: SourceConnection, database: string): Promise<void> {
  const shell = await readShell(connection, database);
  if (shell === undefined) {
    // Somebody has dropped it: what the old one was nobody knows any more, but the new one is whole.
    const found = await readDatabase(connection, database);
    if (found?.filledBy !== undefined) await markDatabase(connection, database, found, undefined);
    return;
  }
  const statements = propertyStatements(database, shell.properties).filter(({ isLast }) => isLast === true);
  await transact(connection, () => runProperties(connection, statements));
  await connection.query('forget what the old database was', `DROP DATABASE ${quoteIdentifier(shellDatabaseName(database))} WITH (FORCE)`);
}

/** Somebody has dropped what kept it. */
const notKnown = (database: string) =>
  `Nobody knows any more whose ${JSON.stringify(database)} was, who might enter it and what was set, since ${JSON.stringify(shellDatabaseName(database))} is gone: it belongs to the login of the restore, which alone may enter it, until ALTER DATABASE ${quoteIdentifier(database)} OWNER TO … and GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO …`;
