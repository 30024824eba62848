/** Before anything is saved, stopped or touched: every obstacle that can be known, at once. Writes nothing. */
import { findObstacles, type Obstacle } from '../../../core/restore/find-obstacles.ts';
import { findReplaceObstacles, type Replacement } from '../../../core/restore/replace-obstacles.ts';
import { restoreLoginOf } from '../../../core/restore/restore-login.ts';
import { shellDatabaseName } from '../../../core/restore/target-names.ts';
import { archiveBytes, checkBytes, checkPrograms, removeFetched, retrieve } from '../load-archive.ts';
import { loadPlacedPoint } from '../place-point.ts';
import { readServer } from '../preflight.ts';
import { readNeeds, readScript } from '../read-needs.ts';
import { applicationNameOf, prepareLoad, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import type { StoredPoint } from '../stored-point.ts';
import { connectToTarget, inspectTarget, type Target } from '../target.ts';
import { unfitFor } from '../unfit-for.ts';
import { lookAtReplay } from '../swap/clean-replay.ts';
import { readDatabase } from '../swap/read-database.ts';
import { readSpace } from '../swap/read-space.ts';
import { findForeignShell } from '../swap/shell.ts';
import { lookAtReplaced } from '../swap/replacement.ts';

/** Bigger ones are not brought here twice: what they need of the server is looked at when they are restored, before anything is touched. */
const READ_TWICE_BYTES = 2 * 1024 ** 3;

/** @param ports.login into a database that is not replaced. Throws TargetUnfit with everything that stands in the way. */
export async function lookForObstacles(
  order: RestoreOrder,
  target: Replacement['target'],
  ports: RestorePorts,
  signal: AbortSignal,
): Promise<void> {
  const { system, asset, point: id, database, path, scratchDir } = order;
  const { manifest } = await loadPlacedPoint(ports.reader, { system, asset: asset.id, point: id }, order.from ?? 'vault');
  const point: StoredPoint = { reader: ports.reader, manifest };
  await checkPrograms(point, path);
  const connection = await connectToTarget(ports.login, applicationNameOf(order));
  try {
    const server = await inspectTarget(connection, database, manifest.source);
    refuse(halfMade(database, (await readDatabase(connection, database))?.filledBy, target));
    if (target === 'clean-replay') {
      await checkBytes(point, signal, ports.moved);
      const script = await readScript(point, { signal, moved: ports.moved });
      return refuse((await lookAtReplay(order, ports, { connection, point, script })).obstacles);
    }
    const space = await readSpace(order, connection, target, manifest.source.sizeBytes);
    const { replacement } = await lookAtReplaced(connection, database, target, applicationNameOf(order), space);
    const foreign = target === 'drop-and-create' ? await findForeignShell(connection, database) : [];
    const goesOn =
      target === 'drop-and-create' && foreign.length === 0 && (await readDatabase(connection, shellDatabaseName(database))) !== undefined;
    const ofOld = replacement.database === undefined && goesOn ? [] : findReplaceObstacles(replacement);
    return refuse([...foreign, ...ofOld, ...(await findObstaclesOfPoint(order, ports, { point, server }, signal))]);
  } finally {
    await connection.end();
    await removeFetched(scratchDir);
  }
}

/** What the point needs of the server, the extensions at least, which its manifest names. */
async function findObstaclesOfPoint(
  order: RestoreOrder,
  ports: RestorePorts,
  { point, server }: { point: StoredPoint; server: Target },
  signal: AbortSignal,
): Promise<Obstacle[]> {
  const { asset, path, scratchDir, selection } = order;
  const login = restoreLoginOf(asset, selection);
  const { extensions } = point.manifest.source;
  const isRead = point.manifest.dump.format === 'segmented' || archiveBytes(point) <= READ_TWICE_BYTES;
  if (!isRead) {
    const nobody = new Set<string>();
    const needs = {
      owners: nobody,
      optionalOwners: nobody,
      grantees: nobody,
      grantors: nobody,
      policyRoles: nobody,
      publicCreators: nobody,
      schemas: nobody,
    };
    return findObstacles(await readServer(server), { ...needs, extensions: new Set(extensions.map(({ name }) => name)) }, login).obstacles;
  }
  await retrieve(point, scratchDir, signal, ports.moved);
  await checkBytes(point, signal, ports.moved);
  const { dumpIds } = await prepareLoad(order, ports, point, signal);
  const needs = await readNeeds(point, { path, scratchDir, signal, moved: ports.moved, dumpIds });
  return findObstacles(await readServer(server), needs, login).obstacles;
}

/** It cannot be saved, and what it is to be made of is known to the restore alone that makes it. */
const halfMade = (database: string, filledBy: string | undefined, target: Replacement['target']): Obstacle[] =>
  filledBy === undefined || target === 'drop-and-create'
    ? []
    : [
        {
          what: `the database ${JSON.stringify(database)} is half made by the restore ${filledBy}`,
          fix: 'Restore with --target drop-and-create, of any point: that ends what it began',
        },
      ];

function refuse(found: readonly Obstacle[]): void {
  if (found.length > 0) throw unfitFor(found);
}
