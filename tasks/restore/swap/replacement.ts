/** What every target has in common that replaces a database: where from it is worked, and what must not stand in the way. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { findReplaceObstacles, type Replacement } from '../../../core/restore/replace-obstacles.ts';
import { unfitFor } from '../unfit-for.ts';
import { readDatabase, type FoundDatabase } from './read-database.ts';
import { readUse } from './read-use.ts';

type Looked = { database: FoundDatabase | undefined; replacement: Replacement };

export async function lookAtReplaced(
  connection: SourceConnection,
  name: string,
  target: Replacement['target'],
  applicationName: string,
  space?: Replacement['space'],
): Promise<Looked> {
  const [login] = await connection.query<{ login: string; super: boolean; creates: boolean }>(
    'look at the login',
    'SELECT current_user AS login, rolsuper AS super, rolcreatedb AS creates FROM pg_catalog.pg_roles WHERE rolname = current_user',
  );
  const database = await readDatabase(connection, name);
  const use = await readUse(connection, name, applicationName);
  return {
    database,
    replacement: {
      target,
      login: login?.login ?? '',
      isSuperuser: login?.super ?? false,
      mayCreateDatabase: login?.creates ?? false,
      database: database && { name, ...database },
      name,
      use,
      space,
    },
  };
}

/** Throws TargetUnfit with everything that stands in the way. */
export async function checkReplaced(...of: Parameters<typeof lookAtReplaced>): Promise<FoundDatabase> {
  const { database, replacement } = await lookAtReplaced(...of);
  const obstacles = findReplaceObstacles(replacement);
  if (obstacles.length === 0 && database !== undefined) return database;
  throw unfitFor(obstacles);
}
