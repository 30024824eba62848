/** A drill: one point, restored into the throwaway database beside this process, measured, and gone again. */
import { removeThrowaway, startThrowaway, connectToThrowaway, whyThrowawayEnded } from '../../adapters/postgres/throwaway.ts';
import type { DrillResult } from '../../core/drill/contract.ts';
import { evaluateFreshness, oldestFreshSeconds } from '../../core/drill/evaluate-checks.ts';
import { statedTimes } from '../../core/drill/stated-times.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import { placeObjects } from '../../core/restore/place-objects.ts';
import type { VerifiedFact } from '../../core/vault/facts.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { listPoints, readPoint, type PointRecords } from '../../core/vault/read-point.ts';
import { DiskTooSmall, RestoreStopped } from '../restore/errors.ts';
import { stallSecondsOf, watchServer, type ServerWatch } from '../restore/watch-server.ts';
import { archiveBytes, checkBytes, checkPrograms, readRoles, removeFetched, retrieve } from '../restore/load-archive.ts';
import { PointNotReady } from '../restore/point-not-ready.ts';
import type { StoredPoint } from '../restore/stored-point.ts';
import { unlessAborted } from '../restore/unless-aborted.ts';
import { loadPoint } from '../verify/load-point.ts';
import { tryApplication, type ApplicationPorts } from './application/try-application.ts';
import { checkKeys, type OpenKey } from './check-keys.ts';
import { NotIsolated } from './errors.ts';
import { lookAtThrowaway } from './look-at-throwaway.ts';
import { readRecordedHash } from './read-link.ts';
import { restorePoint, RESTORED_DATABASE } from './restore-point.ts';
import { runDatabaseChecks } from './run-checks.ts';

export type DrillOrder = {
  system: string;
  asset: PostgresAsset;
  point: string;
  from: 'vault' | 'replica';
  run: string;
  isolation: DrillResult['isolation'];
  /** Shared with the container `database`. */
  sharedDir: string;
  scratchDir: string;
  /** Shared with the container of the application; undefined where nothing is brought up. */
  applicationDir?: string | undefined;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
};

export type DrillPorts = {
  /** The bucket that the point is restored from. */
  reader: ObjectReader;
  openKey: OpenKey;
  now: () => Date;
  monotonicSeconds: () => number;
  report: (event: string, details?: Record<string, string | number>) => void;
  /** Bytes of the point that arrived. */
  moved: (bytes: number) => void;
  /** What an application is given. */
  application?: Pick<ApplicationPorts, 'readSecret' | 'newPassword'>;
  /** How long the server may stand still; what the plan says when absent. */
  stallSeconds?: number;
};

/** `failure`: what is wrong with the point, when that was found before it was wholly restored. */
export type DrillEnd = { result: DrillResult; failure?: RestoreStopped | PointDamaged };

type Trace = Pick<DrillResult, 'phases' | 'checks' | 'bytesRestored' | 'serverVersion' | 'notes'> & {
  startedAt: Date;
  records?: PointRecords;
};

const START_TIMEOUT_SECONDS = 180;
const REMOVE_TIMEOUT_SECONDS = 60;

/**
 * Runs to a result when the point was found to be good or bad. Whatever else went wrong is thrown: the drill could not run. The
 * throwaway database and everything that was fetched is gone in every case.
 */
export async function runDrill(order: DrillOrder, ports: DrillPorts, outside: AbortSignal): Promise<DrillEnd> {
  const { asset } = order;
  const watch = watchServer({ what: `The drill of ${asset.id}`, stallSeconds: ports.stallSeconds ?? stallSecondsOf(asset) });
  const signal = AbortSignal.any([outside, watch.signal]);
  const trace: Trace = { startedAt: ports.now(), phases: [], checks: [], bytesRestored: 0, serverVersion: '', notes: [] };
  let failure: DrillEnd['failure'];
  try {
    await restoreAndCheck(order, ports, trace, { watch, signal });
  } catch (error) {
    // What broke because it was stopped says less than why it was stopped.
    signal.throwIfAborted();
    if (!trace.records || !isPointsFault(error)) throw error;
    failure = error;
    trace.checks.push(
      error instanceof PointDamaged
        ? { name: 'stored bytes', kind: 'bytes', outcome: 'failed', expected: 'as in the manifest', measured: error.message }
        : { name: 'restore', kind: 'restore', outcome: 'failed', expected: 'no error', measured: error.message },
    );
  } finally {
    watch.stop();
    await timed('remove', trace, ports, () => remove(order, ports));
  }
  const { records, startedAt, ...measured } = trace;
  if (!records) throw new ObjectMissing(`The point ${order.point}`);
  const result: DrillResult = {
    format: 'holdfast/drill-result/v1',
    system: order.system,
    asset: order.asset.id,
    point: order.point,
    run: order.run,
    from: order.from,
    startedAt: startedAt.toISOString(),
    finishedAt: ports.now().toISOString(),
    manifestSha256: records.manifestSha256,
    consistentAt: records.manifest.consistentAt,
    isolation: order.isolation,
    stated: statedTimes(asset),
    ...measured,
  };
  return failure ? { result, failure } : { result };
}

const BYTES_PASSED: DrillResult['checks'][number] = {
  name: 'stored bytes',
  kind: 'bytes',
  outcome: 'passed',
  expected: 'as in the manifest',
  measured: 'as in the manifest',
};

const isPointsFault = (error: unknown): error is RestoreStopped | PointDamaged =>
  error instanceof PointDamaged || (error instanceof RestoreStopped && error.failure === 'RestoreFailed');

async function restoreAndCheck(
  order: DrillOrder,
  ports: DrillPorts,
  trace: Trace,
  { watch, signal }: { watch: ServerWatch; signal: AbortSignal },
): Promise<void> {
  const { asset, sharedDir, scratchDir, path } = order;
  const { point, verified, isNewest } = await readAsked(order, ports, trace);
  await checkPrograms(point, path);

  const { moved } = ports;
  await timed('retrieve', trace, ports, () => retrieve(point, scratchDir, signal, moved));
  await timed('check-bytes', trace, ports, () => checkBytes(point, signal, moved));
  // Bytes of segments are compared as their rows are loaded.
  if (point.manifest.dump.format !== 'segmented') trace.checks.push(BYTES_PASSED);
  const roles = await readRoles(point);
  await timed('start-database', trace, ports, async () => {
    const settings = { memoryMiB: asset.drill.throwawayMemoryMiB, jobs: asset.drill.jobs };
    const ready = await startThrowaway(sharedDir, settings, { timeoutSeconds: START_TIMEOUT_SECONDS, signal });
    trace.serverVersion = ready.serverVersion;
    watch.start(lookAtThrowaway(sharedDir));
    const neededBytes = point.manifest.source.sizeBytes;
    if (neededBytes > ready.freeBytes) throw new DiskTooSmall('The restored database', neededBytes, ready.freeBytes);
  });
  await timed('restore', trace, ports, async () => {
    const { serverVersion } = trace;
    trace.notes.push(
      ...(await whileServerLives(sharedDir, () =>
        restorePoint({ point, roles, drill: asset.drill, sharedDir, scratchDir, path, serverVersion, signal, moved }),
      )),
    );
  });
  trace.bytesRestored = archiveBytes(point);
  if (point.manifest.dump.format === 'segmented') trace.checks.push(BYTES_PASSED);
  trace.checks.push({ name: 'restore', kind: 'restore', outcome: 'passed', expected: 'no error', measured: 'no error' });
  if (isNewest) {
    const ageSeconds = (trace.startedAt.getTime() - Date.parse(point.manifest.consistentAt)) / 1000;
    trace.checks.push(evaluateFreshness(ageSeconds, oldestFreshSeconds(asset)));
  }

  const database = await connectToThrowaway(sharedDir, RESTORED_DATABASE, { signal });
  try {
    await timed('checks', trace, ports, async () => {
      trace.checks.push(...(await unlessAborted(signal, runDatabaseChecks(database, asset.drill, verified, signal))));
    });
    await timed('keys', trace, ports, async () => {
      trace.checks.push(
        ...(await unlessAborted(signal, checkKeys(database, asset, point.manifest.keys, ports.openKey, { signal, now: ports.now }))),
      );
    });
  } finally {
    await database.end();
  }
  const { application } = asset.drill;
  if (application === undefined || order.applicationDir === undefined || ports.application === undefined) return;
  const asked = { application, directory: order.applicationDir, sharedDir, keys: point.manifest.keys };
  const given = { ...ports, ...ports.application };
  await timed('application', trace, ports, async () => {
    // It ends what it began before it gives up: no `unlessAborted`.
    trace.checks.push(...(await tryApplication(asked, given, signal)));
  });
}

/** The point that was asked for, with what a drill needs of it. Throws ObjectMissing, PointDamaged, NotIsolated, PointNotReady. */
async function readAsked({ system, asset, point: id, from, isolation }: DrillOrder, { reader, report }: DrillPorts, trace: Trace) {
  for (const warning of (await loadPoint(reader, { system, asset: asset.id, point: id })).warnings) report(warning);
  const records = await readPoint(reader, system, asset.id, id);
  if (!records) throw new ObjectMissing(`The point ${id} in ${reader.bucket}`);
  trace.records = records;
  const { manifest, facts, manifestSha256 } = records;
  if (isolation === 'trusted-dump-only' && (await readRecordedHash(reader, system, asset.id, id)) !== manifestSha256)
    throw new NotIsolated(id);
  const verified = facts
    .filter((fact): fact is VerifiedFact => fact.kind === 'verified')
    .sort((a, b) => a.at.localeCompare(b.at))
    .at(-1);
  if (!verified) throw new PointNotReady(id, 'is not verified: there is nothing to compare its rows with');
  const objects = placeObjects(manifest, facts, from);
  if (!objects) throw new PointNotReady(id, 'is not wholly replicated');
  const point: StoredPoint = { reader, manifest: { ...manifest, objects } };
  const newest = (await listPoints(reader, system, asset.id)).find(
    ({ kinds }) => kinds.has('verified') && (from === 'vault' || kinds.has('replicated')),
  );
  return { point, verified, isNewest: newest?.point === id };
}

/** When the server goes away under a restore, the container may know why: its disk. */
async function whileServerLives<T>(sharedDir: string, restore: () => Promise<T>): Promise<T> {
  try {
    return await restore();
  } catch (error) {
    const isGone = error instanceof RestoreStopped && error.failure === 'ThrowawayUnavailable';
    throw (isGone ? await whyThrowawayEnded(sharedDir) : undefined) ?? error;
  }
}

async function remove({ sharedDir, scratchDir }: DrillOrder, ports: DrillPorts): Promise<void> {
  await removeFetched(scratchDir);
  const isGone = await removeThrowaway(sharedDir, REMOVE_TIMEOUT_SECONDS);
  if (!isGone) ports.report('The container of the ephemeral database did not say that it ended; it ends with the task');
}

type Phase = DrillResult['phases'][number]['name'];

async function timed(name: Phase, trace: Trace, { monotonicSeconds, report }: DrillPorts, work: () => Promise<void>): Promise<void> {
  const from = monotonicSeconds();
  report(`Phase ${name} starts`);
  try {
    await work();
  } finally {
    const seconds = Math.round((monotonicSeconds() - from) * 1000) / 1000;
    trace.phases.push({ name, seconds });
    report(`Phase ${name} ended`, { seconds });
  }
}
