/** A point into the throwaway server: roles that cannot log in, a database like the source's, the archive, then the settings. */
import { DatabaseError } from 'pg';
import { connectToThrowaway, openThrowawayLoad, throwawayAccess, type ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import type { Drill } from '../../core/plan/schema.ts';
import { createDatabaseStatements, LOCALE_UNKNOWN_STATES, majorOf } from '../../core/restore/database-statement.ts';
import { throwawayRoleStatements } from '../../core/restore/role-statements.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import { findSuperuserOwners } from '../../core/restore/superuser-owners.ts';
import type { PointRoles } from '../../core/vault/roles.ts';
import { RestoreStopped } from '../restore/errors.ts';
import { archiveFile, loadArchive } from '../restore/load-archive.ts';
import { readContents } from '../restore/select-entries.ts';
import { openArchive } from '../restore/segmented/archive.ts';
import type { Moved, StoredPoint } from '../restore/stored-point.ts';
import { applySettings } from './apply-settings.ts';

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
  const raised = new Set(roles && (await readSuperuserOwners(restore)));
  const server = await connectToThrowaway(sharedDir, 'postgres', { signal });
  const notes: string[] = [];
  try {
    if (roles) await createRoles(server, roles, [...raised]);
    notes.push(...(await createDatabase(server, restore)));
  } finally {
    await server.end();
  }
  signal.throwIfAborted();
  await installExtensions(sharedDir, drill.extensions.install);
  const { skip } = drill.extensions;
  await loadArchive(point, {
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
    raise: (role) => raised.add(role),
  });
  if (roles) notes.push(...describeRaised(roles, raised));
  const database = await connectToThrowaway(sharedDir, RESTORED_DATABASE, { signal });
  try {
    notes.push(...(await applySettings(point, database, signal)));
  } finally {
    await database.end();
  }
  return [...notes, ...skip.map((name) => `The extension ${name} was left out, as the plan says`)];
}

/** What runs with the rights of its owner runs here as it does on the source. */
async function createRoles(server: ThrowawayConnection, roles: PointRoles, owners: readonly string[]): Promise<void> {
  const present = (await server.query('SELECT rolname FROM pg_catalog.pg_roles')).map(([name]) => name ?? '');
  for (const sql of throwawayRoleStatements(roles, present, owners)) await server.query(sql);
}

const describeRaised = (roles: PointRoles, raised: ReadonlySet<string>): string[] =>
  roles.roles
    .filter(({ name, superuser }) => !superuser && raised.has(name))
    .map(({ name }) => `The role ${name} is a superuser here, and none on the source: it owns what elsewhere only a superuser may`);

/** A plain dump has no contents to ask: it raises owners while it is read. */
async function readSuperuserOwners({ point, scratchDir, signal }: ThrowawayRestore): Promise<string[]> {
  const { format } = point.manifest.dump;
  if (format === 'plain') return [];
  const { entries } = format === 'custom' ? await readContents(archiveFile(scratchDir)) : (await openArchive(point, signal)).toc;
  return findSuperuserOwners(entries);
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
