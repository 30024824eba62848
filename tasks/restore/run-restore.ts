/** A point becomes a new database beside its source, on the same server. What is there already is never touched. */
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { withLibpqAccess } from '../../adapters/postgres/libpq.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ArchiveNeeds } from '../../core/restore/archive-needs.ts';
import type { RestoreResult } from '../../core/restore/contract.ts';
import { describeLeftOut } from '../../core/restore/describe-left-out.ts';
import type { Preflight } from '../../core/restore/find-obstacles.ts';
import { ownerGrantStatements } from '../../core/restore/owner-grants.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { findDatabaseNameProblems } from '../../core/restore/sql-names.ts';
import { BadRequest } from '../../core/failure/input-errors.ts';
import { loadPoint } from '../verify/load-point.ts';
import { HalfMadeDatabaseLeft, RestoreStopped } from './errors.ts';
import { archiveBytes, checkBytes, checkPrograms, loadArchive, removeFetched, retrieve, type StoredPoint } from './load-archive.ts';
import { checkTarget, provideRoles } from './preflight.ts';
import { readNeeds } from './read-needs.ts';
import {
  asTargetFailure,
  closeDatabase,
  connectToTarget,
  createTargetDatabase,
  dropDatabase,
  inspectTarget,
  type Target,
} from './target.ts';

export type RestoreOrder = {
  system: string;
  asset: PostgresAsset;
  point: string;
  run: string;
  /** Name of the new database. */
  database: string;
  scratchDir: string;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
};

export type RestorePorts = {
  reader: ObjectReader;
  login: SourceLogin;
  now: () => Date;
  report: (event: string) => void;
  /** Bytes of the point that arrived. */
  moved: (bytes: number) => void;
};

/**
 * Nothing is written before every byte of the point was compared; a database that could not be filled to the end is dropped, also
 * when `signal` aborts. Throws BadRequest, ObjectMissing, PointDamaged, TargetUnfit, RestoreStopped, HalfMadeDatabaseLeft or the reason of `signal`.
 */
export async function runRestore(order: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoreResult> {
  const startedAt = ports.now();
  const { system, asset, point: id, database, scratchDir, path } = order;
  const problems = findDatabaseNameProblems(database);
  if (problems.length > 0) throw new BadRequest(problems);
  const { manifest } = await loadPoint(ports.reader, { system, asset: asset.id, point: id });
  const point: StoredPoint = { reader: ports.reader, manifest };
  await checkPrograms(point, path);
  const applicationName = `holdfast ${system}/${asset.id} restore`;
  const connection = await connectToTarget(ports.login, applicationName);
  try {
    const target = await inspectTarget(connection, database, manifest.source);
    ports.report('The bytes of the point are compared with its manifest');
    await retrieve(point, scratchDir, signal, ports.moved);
    await checkBytes(point, signal, ports.moved);
    const needs = await readNeeds(point, { path, scratchDir, signal, moved: ports.moved });
    const preflight = await checkTarget(target, needs, restoreLoginOf(asset));
    const notes = await fillNewDatabase(order, ports, { target, point, needs, preflight, applicationName }, signal);
    return {
      format: 'holdfast/restore-result/v1',
      system,
      asset: asset.id,
      point: id,
      run: order.run,
      database,
      startedAt: startedAt.toISOString(),
      finishedAt: ports.now().toISOString(),
      bytesRestored: archiveBytes(point),
      notes,
    };
  } catch (error) {
    // What broke because it was stopped says less than why it was stopped; that something is left says more.
    if (!(error instanceof HalfMadeDatabaseLeft)) signal.throwIfAborted();
    throw asTargetFailure(error);
  } finally {
    await connection.end();
    await removeFetched(scratchDir);
  }
}

type Prepared = { target: Target; point: StoredPoint; needs: ArchiveNeeds; preflight: Preflight; applicationName: string };

async function fillNewDatabase(
  order: RestoreOrder,
  { login, report, moved }: RestorePorts,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<string[]> {
  const { asset, database, scratchDir, path } = order;
  const { target, point, needs, preflight, applicationName } = prepared;
  const { noOwner, noPrivileges } = restoreLoginOf(asset);
  const roleNotes = await provideRoles(target, preflight);
  signal.throwIfAborted();
  const localeNotes = await createTargetDatabase(target, database, point.manifest.source);
  const keep = noPrivileges ? new Set<string>() : needs.publicCreators;
  const owners = target.rights.isSuperuser ? [] : preflight.owners;
  const grants = ownerGrantStatements(database, owners, keep, target.serverMajor);
  report(`The database ${JSON.stringify(database)} is made and is being filled`);
  try {
    await closeDatabase(target.connection, database);
    const inside = { ...login, database };
    await runInside(inside, applicationName, grants.before);
    await withLibpqAccess(inside, { scratchDir, path, applicationName }, (access) =>
      loadArchive(point, {
        access,
        path,
        scratchDir,
        jobs: asset.drill.jobs,
        skipExtensions: [],
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
  return [
    ...roleNotes,
    ...localeNotes,
    ...describeLeftOut(asset, point.manifest.dump.options, target.rights.login),
    'Only the owner of the new database may connect to it: grant CONNECT to whom it is for',
  ];
}

/** A connection of its own each time: one that idles through a long restore may be gone at its end. */
async function runInside(login: SourceLogin, applicationName: string, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  const connection = await connectToTarget(login, applicationName);
  try {
    for (const sql of statements) await connection.query('let owners create in the new database', sql);
  } finally {
    await connection.end();
  }
}

/** The server may have ended the connection along with the restore; a new one is tried then. */
async function removeHalfMade(
  { database }: RestoreOrder,
  login: SourceLogin,
  connection: SourceConnection,
  applicationName: string,
  cause: unknown,
  report: (event: string) => void,
): Promise<void> {
  const drop = async () => {
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

const OWNER_STATES = ['42501', '42704'];

/** Rights and missing roles are the common reasons, and the plan has the answer. */
function explain(error: unknown, roleNotes: string[]): unknown {
  if (!(error instanceof RestoreStopped) || !OWNER_STATES.includes(error.problem.sqlstate ?? '')) return error;
  const advice = [
    ...roleNotes,
    'Let a superuser restore (`restore.secret` in the plan), or set `restore.noOwner` and `restore.noPrivileges`',
  ].join('. ');
  return new RestoreStopped('The restore', error.problem, 'TargetUnreachable', advice);
}
