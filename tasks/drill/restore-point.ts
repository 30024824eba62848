/** A point into the throwaway server: roles that cannot log in, a database like the source's, then the archive. */
import { DatabaseError } from 'pg';
import { connectToThrowaway, openThrowawayLoad, throwawayAccess, type ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import type { Drill } from '../../core/plan/schema.ts';
import { createDatabaseStatements, LOCALE_UNKNOWN_STATES, majorOf } from '../../core/restore/database-statement.ts';
import { createRoleStatement, selectMissingRoles } from '../../core/restore/role-statements.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import type { PointRoles } from '../../core/vault/roles.ts';
import { RestoreStopped } from '../restore/errors.ts';
import { loadArchive, loadSettings } from '../restore/load-archive.ts';
import type { Moved, StoredPoint } from '../restore/stored-point.ts';

/** Never the name of a database that every server has, whatever the source is called. */
export const RESTORED_DATABASE = 'restored';

export type ThrowawayRestore = {
  point: StoredPoint;
  roles: PointRoles | undefined;
  drill: Pick<Drill, 'jobs' | 'extensions'>;
  sharedDir: string;
  scratchDir: string;
  path: string;
  serverVersion: string;
  signal: AbortSignal;
  moved: Moved;
};

/** @returns in what the restored database differs from its source by design. Throws RestoreStopped, ThrowawayUnavailable. */
export async function restorePoint(restore: ThrowawayRestore): Promise<string[]> {
  const { point, roles, drill, sharedDir, scratchDir, path, signal, moved } = restore;
  const server = await connectToThrowaway(sharedDir, 'postgres');
  let notes: string[];
  try {
    if (roles) await createRoles(server, roles);
    notes = await createDatabase(server, restore);
  } finally {
    await server.end();
  }
  signal.throwIfAborted();
  await installExtensions(sharedDir, drill.extensions.install);
  const { skip } = drill.extensions;
  const settings = {
    access: throwawayAccess(sharedDir, RESTORED_DATABASE, path),
    open: () => openThrowawayLoad(sharedDir, RESTORED_DATABASE),
    path,
    scratchDir,
    jobs: drill.jobs,
    skipExtensions: skip,
    noOwner: false,
    noPrivileges: false,
    whenServerGone: 'ThrowawayUnavailable' as const,
    signal,
    moved,
  };
  await loadArchive(point, settings);
  await loadSettings(point, settings);
  return [...notes, ...skip.map((name) => `The extension ${name} was left out, as the plan says`)];
}

async function createRoles(server: ThrowawayConnection, roles: PointRoles): Promise<void> {
  const present = (await server.query('SELECT rolname FROM pg_catalog.pg_roles')).map(([name]) => name ?? '');
  for (const name of selectMissingRoles(roles, present)) await server.query(createRoleStatement(name));
}

async function createDatabase(server: ThrowawayConnection, { point, serverVersion }: ThrowawayRestore): Promise<string[]> {
  const { source } = point.manifest;
  for (const { sql, isLike } of createDatabaseStatements(RESTORED_DATABASE, source, majorOf(serverVersion)))
    try {
      await server.query(sql);
      return isLike
        ? []
        : [
            `Restored with the locale C: the ephemeral server does not have ${source.icuLocale ?? source.collate} (${source.localeProvider})`,
          ];
    } catch (error) {
      if (!(error instanceof DatabaseError) || !LOCALE_UNKNOWN_STATES.includes(error.code ?? '')) throw stopped(error, 'the new database');
    }
  throw new RestoreStopped('CREATE DATABASE', { kind: 'sql', object: `encoding ${source.encoding}` }, 'ThrowawayUnavailable');
}

async function installExtensions(sharedDir: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const database = await connectToThrowaway(sharedDir, RESTORED_DATABASE);
  try {
    for (const name of names)
      await database.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)} CASCADE`).catch((error: unknown) => {
        throw stopped(error, `extension ${name}`);
      });
  } finally {
    await database.end();
  }
}

/** A statement of ours that the server refused, told by its SQLSTATE. */
const stopped = (error: unknown, object: string): unknown =>
  error instanceof DatabaseError
    ? new RestoreStopped(
        'The restore',
        { kind: error.code === '53100' ? 'disk-full' : 'sql', sqlstate: error.code, object },
        'ThrowawayUnavailable',
      )
    : error;
