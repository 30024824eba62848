/**
 * A plain dump with DROP statements of its own runs in the database that it is of, in one transaction: whatever stops it, the database
 * is as it was. What the dump does not know stays.
 */
import { connectToSource, type SourceConnection } from '../../../adapters/postgres/connection.ts';
import { withLibpqAccess } from '../../../adapters/postgres/libpq.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { ArchiveNeeds } from '../../../core/restore/archive-needs.ts';
import { findObstacles, type Obstacle, type Preflight } from '../../../core/restore/find-obstacles.ts';
import { dumpedNames, findReplayObstacles } from '../../../core/restore/replay-obstacles.ts';
import { findReplaceObstacles } from '../../../core/restore/replace-obstacles.ts';
import type { RestoredPaper } from '../../../core/restore/result.ts';
import { describeHalfGiven } from '../../../core/restore/describe-left-out.ts';
import { isWithoutOwners, restoreLoginOf } from '../../../core/restore/restore-login.ts';
import { decompressStored, readArchive } from '../../verify/read-archive.ts';
import { archiveBytes, checkBytes, checkPrograms } from '../load-archive.ts';
import { lookAtTarget } from '../look-at-target.ts';
import { explain } from '../new-database.ts';
import { loadPlacedPoint } from '../place-point.ts';
import { provideRoles, readServer } from '../preflight.ts';
import { readScript } from '../read-needs.ts';
import { applicationNameOf, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { runPsql } from '../run-psql.ts';
import { watched, type StoredPoint } from '../stored-point.ts';
import { asTargetFailure, connectToTarget, inspectTarget, type Target } from '../target.ts';
import { unfitFor } from '../unfit-for.ts';
import { stallSecondsOf, watchServer } from '../watch-server.ts';
import { checkSaved } from './check-saved.ts';
import { giveToOwner, readOwned } from './give-to-owner.ts';
import { readReplayed } from './read-dependents.ts';
import { readSpace } from './read-space.ts';
import { readDatabase } from './read-database.ts';
import { WrittenSince } from './read-written.ts';
import { forgetMark, forgetReplay, readReplay, recordReplayed, REPLAYED_NOTE } from './replay-marks.ts';
import { ReplayRolledBack } from './errors.ts';
import { watchAlone } from './watch-alone.ts';
import { lookAtReplaced } from './replacement.ts';

type Prepared = { target: Target; preflight: Preflight; obstacles: Obstacle[] };

/** Every obstacle, of a database that is not touched. @param connection to any database of the server */
export async function lookAtReplay(
  order: RestoreOrder,
  { login }: RestorePorts,
  {
    connection,
    point,
    script,
  }: { connection: SourceConnection; point: StoredPoint; script: { needs: ArchiveNeeds; objects: readonly string[] } },
): Promise<Prepared> {
  const { database, asset, selection } = order;
  const target = await inspectTarget(connection, database, point.manifest.source);
  const space = await readSpace(order, connection, 'clean-replay', point.manifest.source.sizeBytes);
  const { replacement } = await lookAtReplaced(connection, database, 'clean-replay', applicationNameOf(order), space);
  const server = { ...(await readServer(target)), mayCreateDatabase: true };
  const preflight = findObstacles(server, script.needs, restoreLoginOf(asset, selection));
  const obstacles = [...findReplaceObstacles(replacement), ...preflight.obstacles];
  if (replacement.database?.isOwned !== true && !replacement.isSuperuser) return { target, preflight, obstacles };
  const inside = await connectToSource({ ...login, database }, applicationNameOf(order));
  try {
    await inside.query('look as the dump looks', `SET search_path = ''`);
    const replayed = await readReplayed(inside.query, dumpedNames(script.objects));
    return { target, preflight, obstacles: [...obstacles, ...findReplayObstacles({ login: replacement.login, ...replayed })] };
  } finally {
    await inside.end();
  }
}

/** @param ports.login into a database that is not replaced. Throws as runRestore does; the database is then as it was. */
export async function cleanReplay(order: RestoreOrder, ports: RestorePorts, stopped: AbortSignal): Promise<RestoredPaper> {
  const { asset, database } = order;
  const watch = watchServer({ what: `The restore of ${asset.id}`, stallSeconds: ports.stallSeconds ?? stallSecondsOf(asset) });
  watch.start(lookAtTarget(ports.login, applicationNameOf(order), database));
  const signal = AbortSignal.any([stopped, watch.signal]);
  const connection = await connectToTarget(ports.login, applicationNameOf(order));
  try {
    const earlier = await ports.recorded?.();
    const restored =
      earlier?.point === order.point && earlier.database === database
        ? earlier
        : ((await recordReplayed(order, ports, connection)) ?? (await replay(order, ports, connection, signal)));
    await forgetReplay(connection, database);
    return restored;
  } catch (error) {
    await forgetMark(connection, database);
    throw signal.aborted ? signal.reason : asTargetFailure(error);
  } finally {
    watch.stop();
    await connection.end();
  }
}

async function replay(order: RestoreOrder, ports: RestorePorts, connection: SourceConnection, signal: AbortSignal): Promise<RestoredPaper> {
  const { system, asset, point: id, database, path, scratchDir, selection } = order;
  const startedAt = ports.now().toISOString();
  const { manifest } = await loadPlacedPoint(ports.reader, { system, asset: asset.id, point: id }, order.from ?? 'vault');
  const point: StoredPoint = { reader: ports.reader, manifest };
  await checkPrograms(point, path);
  ports.report('The bytes of the point are compared with its manifest');
  await checkBytes(point, signal, ports.moved);
  const script = await readScript(point, { signal, moved: ports.moved });
  const { target, preflight, obstacles } = await lookAtReplay(order, ports, { connection, point, script });
  if (obstacles.length > 0) throw unfitFor(obstacles);
  const written = await checkSaved(order, ports);
  const roleNotes = await provideRoles(target, preflight);
  signal.throwIfAborted();
  const give = await prepareToGive(order, ports, connection, isWithoutOwners(asset, selection ?? {}, manifest.dump.options));
  const marks = await readReplay(connection, order, startedAt);
  const alone = await watchAlone(order, ports, written).catch((error: unknown) => {
    throw error instanceof WrittenSince && marks.hasBegun ? new ReplayRolledBack(database, error) : error;
  });
  // From here on a try that is cut off is known for one.
  await marks.begin();
  ports.report(`The dump runs in ${JSON.stringify(database)}, in one transaction`);
  const { noOwner, noPrivileges } = restoreLoginOf(asset, selection);
  const psql = await findProgram('psql', path);
  try {
    await withLibpqAccess({ ...ports.login, database }, { scratchDir, path, applicationName: applicationNameOf(order) }, (access) =>
      runPsql({
        psqlPath: psql.path,
        access,
        chunks: decompressStored(watched(readArchive(ports.reader, manifest), signal, ports.moved), manifest, 'dump'),
        skipExtensions: [],
        noOwner,
        noPrivileges,
        isUnderPolicies: !isWithoutOwners(asset, selection ?? {}, manifest.dump.options),
        isOneTransaction: true,
        beforeCommit: alone.beforeCommit(signal, marks.committedSql),
        whenServerGone: 'TargetUnreachable',
        signal,
      }),
    );
  } catch (error) {
    throw explain(error, roleNotes);
  } finally {
    await alone.end();
  }
  const given = await give();
  const restored: RestoredPaper = {
    point: id,
    database,
    startedAt,
    finishedAt: ports.now().toISOString(),
    bytesRestored: archiveBytes(point),
    notes: [...roleNotes, REPLAYED_NOTE, ...given],
  };
  await ports.record?.(restored);
  return restored;
}

/** What the login owned before stays its own. @returns what gives the rest, once all of it is committed: from then on nothing fails */
async function prepareToGive(
  order: RestoreOrder,
  { login }: RestorePorts,
  connection: SourceConnection,
  isAsked: boolean,
): Promise<() => Promise<string[]>> {
  const { database } = order;
  const owner = isAsked ? (await readDatabase(connection, database))?.owner : undefined;
  if (owner === undefined) return () => Promise.resolve([]);
  const giving = { login, applicationName: applicationNameOf(order), database, owner, isNew: false };
  const before = await readOwned(giving);
  return () =>
    giveToOwner({ ...giving, isKept: ({ key }) => before.has(key) }).catch((error: unknown) => {
      const failed = asTargetFailure(error);
      return [describeHalfGiven({ ...giving, login: login.user }, failed instanceof Error ? failed.message : 'nobody knows why')];
    });
}
