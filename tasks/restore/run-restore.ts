/** A point becomes a new database beside its source, on the same server. What is there already is never touched. */
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { openLoadSession, type OpenLoadSession } from '../../adapters/postgres/load-session.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { RestoreResult } from '../../core/restore/contract.ts';
import { progressSchemaBeside, writeIdentity } from '../../core/restore/half-made.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { findSelectionProblems, isEverything, PLAIN_IS_WHOLE, type RestoreSelection } from '../../core/restore/selection.ts';
import { findDatabaseNameProblems } from '../../core/restore/sql-names.ts';
import { BadRequest } from '../../core/failure/input-errors.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { loadPlacedPoint } from './place-point.ts';
import { HalfMadeDatabaseKept, HalfMadeDatabaseLeft, TargetUnfit } from './errors.ts';
import { archiveBytes, archiveFile, checkBytes, checkPrograms, removeFetched, retrieve } from './load-archive.ts';
import { fillNewDatabase, type Prepared } from './new-database.ts';
import type { StoredPoint } from './stored-point.ts';
import { checkTarget } from './preflight.ts';
import { readNeeds } from './read-needs.ts';
import { selectFrom, selectFromFile } from './select-entries.ts';
import { openArchive } from './segmented/archive.ts';
import { fillSegmented } from './segmented/fill-segmented.ts';
import { writeContents } from './segmented/load-segmented.ts';
import { findHalfMade, mayBeHalfMade } from './segmented/take-up.ts';
import { asTargetFailure, connectToTarget, inspectTarget } from './target.ts';

export type RestoreOrder = {
  system: string;
  asset: PostgresAsset;
  point: string;
  run: string;
  /** Name of the new database. */
  database: string;
  /** Which vault `reader` reads; the home region's when absent. */
  from?: VaultSide;
  /** Everything when absent. */
  selection?: RestoreSelection;
  scratchDir: string;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
};

export type RestorePorts = {
  reader: ObjectReader;
  login: SourceLogin;
  now: () => Date;
  report: (event: string) => void;
  /** Keeps the record of a database that stands whole. Called again when a try was killed right after it. */
  record?: (result: RestoreResult) => Promise<void>;
  /** What an earlier try of this run kept. */
  recorded?: () => Promise<RestoreResult | undefined>;
  /** Bytes of the point that arrived. */
  moved: (bytes: number) => void;
};

/**
 * Nothing is written before every byte of the point was compared, but those of segments, whose rows are committed only when theirs
 * were. A database that could not be filled to the end is dropped, also when `signal` aborts; that of a segmented point is kept when
 * another try may go on with it. Throws BadRequest, ObjectMissing, PointDamaged, TargetUnfit, RestoreStopped, RestoreTakenOver,
 * HalfMadeDatabaseKept, HalfMadeDatabaseLeft or the reason of `signal`.
 */
export async function runRestore(order: RestoreOrder, ports: RestorePorts, signal: AbortSignal): Promise<RestoreResult> {
  const startedAt = ports.now();
  const { system, asset, point: id, database, scratchDir, path } = order;
  const { selection = {} } = order;
  const problems = [...findDatabaseNameProblems(database), ...findSelectionProblems(selection)];
  if (problems.length > 0) throw new BadRequest(problems);
  const { manifest, manifestSha256 } = await loadPlacedPoint(ports.reader, { system, asset: asset.id, point: id }, order.from ?? 'vault');
  if (manifest.dump.format === 'plain' && !isEverything(selection)) throw new BadRequest([PLAIN_IS_WHOLE]);
  const point: StoredPoint = { reader: ports.reader, manifest };
  await checkPrograms(point, path);
  const applicationName = `holdfast ${system}/${asset.id} restore`;
  const connection = await connectToTarget(ports.login, applicationName);
  try {
    const target = await inspectTarget(connection, database, manifest.source);
    const open = () => openLoadSession({ ...ports.login, database }, applicationName);
    if (target.exists && !(manifest.dump.format === 'segmented' && (await mayBeHalfMade(open)))) {
      const earlier = await ports.recorded?.();
      // A try of this run was killed when nothing was left to do but to say so.
      if (earlier?.point === id && earlier.database === database) return earlier;
      throw new TargetUnfit('TargetNotEmpty', JSON.stringify(database));
    }
    ports.report('The bytes of the point are compared with its manifest');
    await retrieve(point, scratchDir, signal, ports.moved);
    await checkBytes(point, signal, ports.moved);
    const prepare: Prepare = async (dumpIds) => {
      const needs = await readNeeds(point, { path, scratchDir, signal, moved: ports.moved, dumpIds });
      return { target, point, needs, preflight: await checkTarget(target, needs, restoreLoginOf(asset)), applicationName };
    };
    const { notes, finish } =
      manifest.dump.format === 'segmented'
        ? await restoreSegmented(order, ports, { target, point, manifestSha256, open, prepare }, signal)
        : await restoreWhole(order, ports, { point, prepare }, signal);
    const result: RestoreResult = {
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
    await ports.record?.(result);
    await finish();
    return result;
  } catch (error) {
    // What broke because it was stopped says less than why it was stopped; that something is left says more.
    if (!(error instanceof HalfMadeDatabaseLeft || error instanceof HalfMadeDatabaseKept)) signal.throwIfAborted();
    throw asTargetFailure(error);
  } finally {
    await connection.end();
    await removeFetched(scratchDir);
  }
}

/** @param dumpIds of an archive's entries, those that are restored; all when undefined */
type Prepare = (dumpIds: readonly number[] | undefined) => Promise<Prepared>;
type Restored = { notes: string[]; /** Once it is recorded. */ finish: () => Promise<void> };

async function restoreWhole(
  order: RestoreOrder,
  ports: RestorePorts,
  { point, prepare }: { point: StoredPoint; prepare: Prepare },
  signal: AbortSignal,
): Promise<Restored> {
  const isCustom = point.manifest.dump.format === 'custom';
  const selected = isCustom
    ? await selectFromFile(archiveFile(order.scratchDir), order.selection ?? {})
    : { dumpIds: undefined, notes: [] };
  const notes = await fillNewDatabase(order, ports, await prepare(selected.dumpIds), selected.dumpIds, signal);
  return { notes: [...notes, ...selected.notes], finish: () => Promise.resolve() };
}

type SegmentedParts = Pick<Prepared, 'target' | 'point'> & { manifestSha256: string; open: OpenLoadSession; prepare: Prepare };

async function restoreSegmented(
  order: RestoreOrder,
  ports: RestorePorts,
  { target, point, manifestSha256, open, prepare }: SegmentedParts,
  signal: AbortSignal,
): Promise<Restored> {
  const { system, asset, point: id, database, scratchDir, selection = {} } = order;
  const archive = await openArchive(point, signal);
  const selected = selectFrom(archive.toc, selection);
  const { noOwner, noPrivileges } = restoreLoginOf(asset);
  const identity = writeIdentity({ system, asset: asset.id, point: id, manifestSha256, noOwner, noPrivileges, selection });
  const schemas = archive.toc.entries.flatMap(({ kind, tag }) => (kind === 'SCHEMA' && tag !== null ? [tag] : []));
  const progressSchema = progressSchemaBeside(schemas);
  const halfMade = target.exists ? await findHalfMade(database, open, progressSchema, identity) : undefined;
  await writeContents(archive, archiveFile(scratchDir));
  const dumpIds = archive.toc.entries.map(({ dumpId }) => dumpId).filter(selected.isSelected);
  const prepared = await prepare(isEverything(selection) ? undefined : dumpIds);
  return fillSegmented(order, ports, { ...prepared, archive, selected, identity, progressSchema, halfMade, open }, signal);
}
