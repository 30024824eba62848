/** A new database filled by pg_restore or psql in one go: it is whole at the end, or gone. */
import { openLoadSession } from '../../adapters/postgres/load-session.ts';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { withLibpqAccess } from '../../adapters/postgres/libpq.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import type { ArchiveNeeds } from '../../core/restore/archive-needs.ts';
import { describeLeftOut } from '../../core/restore/describe-left-out.ts';
import type { Preflight } from '../../core/restore/find-obstacles.ts';
import { ownerGrantStatements } from '../../core/restore/owner-grants.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { HalfMadeDatabaseLeft, RestoreStopped } from './errors.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import { loadArchive } from './load-archive.ts';
import { provideRoles } from './preflight.ts';
import type { RestoreOrder, RestorePorts } from './run-restore.ts';
import type { StoredPoint } from './stored-point.ts';
import { closeDatabase, connectToTarget, createTargetDatabase, dropDatabase, type Target } from './target.ts';

export type Prepared = { target: Target; point: StoredPoint; needs: ArchiveNeeds; preflight: Preflight; applicationName: string };

/** @returns what a person has to know of it */
export async function fillNewDatabase(
  order: RestoreOrder,
  { login, report, moved }: RestorePorts,
  prepared: Prepared,
  dumpIds: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const { asset, database, scratchDir, path } = order;
  const { target, point, preflight, applicationName } = prepared;
  const { noOwner, noPrivileges } = restoreLoginOf(asset);
  const roleNotes = await provideRoles(target, preflight);
  signal.throwIfAborted();
  const localeNotes = await createTargetDatabase(target, database, point.manifest.source);
  const grants = grantsOf(order, prepared);
  report(`The database ${JSON.stringify(database)} is made and is being filled`);
  try {
    await closeDatabase(target.connection, database);
    const inside = { ...login, database };
    await runInside(inside, applicationName, grants.before);
    await withLibpqAccess(inside, { scratchDir, path, applicationName }, (access) =>
      loadArchive(point, {
        access,
        open: () => openLoadSession(inside, applicationName),
        path,
        scratchDir,
        jobs: asset.drill.jobs,
        skipExtensions: [],
        dumpIds,
        noOwner,
        noPrivileges,
        whenServerGone: 'TargetUnreachable',
        signal,
        moved,
      }),
    );
    await runInside(inside, applicationName, grants.after);
  } catch (error) {
    await removeHalfMade(order, login, target.connection, applicationName, signal.aborted ? signal.reason : error, report);
    throw explain(signal.aborted ? signal.reason : error, roleNotes);
  }
  return [...roleNotes, ...localeNotes, ...lastNotes(order, prepared)];
}

export function grantsOf({ asset, database }: RestoreOrder, { target, needs, preflight }: Prepared) {
  const keep = restoreLoginOf(asset).noPrivileges ? new Set<string>() : needs.publicCreators;
  const owners = target.rights.isSuperuser ? [] : preflight.owners;
  return ownerGrantStatements(database, owners, keep, target.serverMajor);
}

export const lastNotes = ({ asset }: RestoreOrder, { point, target }: Prepared): string[] => [
  ...describeLeftOut(asset, point.manifest.dump.options, target.rights.login),
  'Only the owner of the new database may connect to it: grant CONNECT to whom it is for',
];

/** A connection of its own each time: one that idles through a long restore may be gone at its end. */
export async function runInside(login: SourceLogin, applicationName: string, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  const connection = await connectToTarget(login, applicationName);
  try {
    for (const sql of statements) await connection.query('let owners create in the new database', sql);
  } finally {
    await connection.end();
  }
}

/** The server may have ended the connection along with the restore; a new one is tried then. */
export async function removeHalfMade(
  { database }: RestoreOrder,
  login: SourceLogin,
  connection: SourceConnection,
  applicationName: string,
  cause: unknown,
  report: (event: string) => void,
): Promise<void> {
  const drop = async () => {
    await dropSubscriptions({ ...login, database }, applicationName).catch(() => undefined);
    try {
      await dropDatabase(connection, database);
    } catch {
      const fresh = await connectToTarget(login, applicationName);
      try {
        await dropDatabase(fresh, database);
      } finally {
        await fresh.end();
      }
    }
  };
  await drop().catch(() => {
    throw new HalfMadeDatabaseLeft(database, cause);
  });
  report(`The half-made database ${JSON.stringify(database)} is dropped`);
}

/** A database that has subscriptions cannot be dropped. Restored ones have no slot at their publisher, which nobody asks. */
async function dropSubscriptions(login: SourceLogin, applicationName: string): Promise<void> {
  const connection = await connectToTarget(login, applicationName);
  try {
    const subscriptions = await connection.query<{ name: string }>(
      'look for subscriptions',
      'SELECT subname AS name FROM pg_catalog.pg_subscription JOIN pg_catalog.pg_database d ON d.oid = subdbid WHERE datname = current_database()',
    );
    for (const { name } of subscriptions) {
      const subscription = quoteIdentifier(name);
      await connection.query('disable a subscription', `ALTER SUBSCRIPTION ${subscription} DISABLE`);
      await connection.query('leave its slot alone', `ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
      await connection.query('drop a subscription', `DROP SUBSCRIPTION ${subscription}`);
    }
  } finally {
    await connection.end();
  }
}

const OWNER_STATES = ['42501', '42704'];

/** Rights and missing roles are the common reasons, and the plan has the answer. */
export function explain(error: unknown, roleNotes: string[]): unknown {
  if (!(error instanceof RestoreStopped) || !OWNER_STATES.includes(error.problem.sqlstate ?? '')) return error;
  const advice = [
    ...roleNotes,
    'Let a superuser restore (`restore.secret` in the plan), or set `restore.noOwner` and `restore.noPrivileges`',
  ].join('. ');
  return new RestoreStopped('The restore', error.problem, 'TargetUnreachable', advice);
}
