/** What the dump and verify tasks do, as their entrypoints do it, in this process. */
import { inject } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { attemptId } from '../../core/vault/ids.ts';
import { attemptPrefix, factKey, manifestKey } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { dumpPoint, type DumpLimits } from '../../tasks/dump/dump-point.ts';
import { readLogin } from '../../tasks/dump/read-login.ts';
import { leaveNote } from '../../tasks/leave-note.ts';
import { describeEnd } from '../../tasks/run-task.ts';
import { verifiedFact, verifyPoint } from '../../tasks/verify/verify-point.ts';
import { assetPlan } from '../tasks/dump/ports.ts';
import type { Stage, TaskEnvironment } from './run-stage.ts';

const PART_BYTES = 8 * 1024 ** 2;

/** A dump made before: sweeps of what comes after the dump need no other. */
export type StoredDump = { manifest: Manifest; bodies: Uint8Array[] };

export type DumpOptions = { secret: string; dump: Parameters<typeof assetPlan>[0]; limits?: Partial<DumpLimits>; scratchDir: string };

type Work = (environment: TaskEnvironment) => Promise<void>;

export function realTasks(id: string, options: DumpOptions): Stage['tasks'] {
  const asset = assetPlan(options.dump, { id, source: { secret: options.secret, ca: 'secret', postgresMajor: 15 } });
  return {
    dump: noted('dump', asset, (given) => dump(asset, given, options)),
    verify: noted('verify', asset, (given) => verify(asset, given)),
  };
}

/** @param vault reached straight: of the dump no call fails */
export function storedTasks(id: string, stored: StoredDump, vault: ObjectWriter): Stage['tasks'] {
  const asset = assetPlan({}, { id });
  return { dump: (given) => putStored(id, stored, vault, given), verify: noted('verify', asset, (given) => verify(asset, given)) };
}

/** The objects of a point, for `storedTasks`. */
export async function readStored(reader: ObjectReader, manifest: Manifest): Promise<StoredDump> {
  const bodies = await Promise.all(manifest.objects.map(async ({ key, versionId }) => (await reader.get({ key, versionId }))?.body));
  return { manifest, bodies: bodies.map((body) => body ?? new Uint8Array()) };
}

const noted =
  (task: 'dump' | 'verify', asset: PostgresAsset, work: Work): Work =>
  (given) =>
    work(given).catch(async (error: unknown) => {
      await leaveNote(task, describeEnd(error), { ...process.env, ASSET_PLAN: JSON.stringify(asset), ...given });
      throw error;
    });

const searchPath = () => `${inject('postgres').binDir}:/usr/bin:/bin`;
const system = () => process.env['SYSTEM'] ?? '';
const openVault = () => openBucket(process.env['VAULT_BUCKET'] ?? '', {}, process.env);
const attemptOf = (given: TaskEnvironment) => attemptId(Number(given['CLAIM']), Number(given['TRY']));

async function dump(asset: PostgresAsset, given: TaskEnvironment, { scratchDir, limits }: DumpOptions): Promise<void> {
  const { reader, writer } = openVault();
  const renewLogin = () => readLogin(asset.source, undefined);
  await dumpPoint(
    { system: system(), asset, point: given['POINT'] ?? '', attempt: attemptOf(given) },
    {
      vault: writer,
      escrow: reader,
      login: await renewLogin(),
      renewLogin,
      pgDump: await findProgram('pg_dump', searchPath()),
      searchPath: searchPath(),
      scratchDir,
      holdfastVersion: '0.0.0-test',
      now: () => new Date(),
      monotonicMilliseconds: () => performance.now(),
      report: () => undefined,
      signal: new AbortController().signal,
      ...(limits ? { limits } : {}),
    },
  );
}

async function putStored(asset: string, { manifest, bodies }: StoredDump, vault: ObjectWriter, given: TaskEnvironment): Promise<void> {
  const { POINT: point = '' } = given;
  const attempt = attemptOf(given);
  const prefix = attemptPrefix(system(), asset, point, attempt);
  const before = attemptPrefix(manifest.system, manifest.asset, manifest.point, manifest.attempt);
  const objects = await Promise.all(
    manifest.objects.map(async (object, index) => {
      const key = object.key.replace(before, prefix);
      const { versionId } = await vault.upload(key, oneChunk(bodies[index]), { partBytes: PART_BYTES });
      return { ...object, key, versionId };
    }),
  );
  await vault.putOnce(
    manifestKey(system(), asset, point),
    JSON.stringify({ ...manifest, system: system(), asset, point, slot: point, attempt, objects } satisfies Manifest),
  );
}

async function* oneChunk(body: Uint8Array | undefined): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body ?? new Uint8Array());
}

async function verify(asset: PostgresAsset, given: TaskEnvironment): Promise<void> {
  const { reader, writer } = openVault();
  const { POINT: point = '', RUN: run = '' } = given;
  const name = { system: system(), asset: asset.id, point };
  const verified = await verifyPoint(name, {
    reader,
    pgRestore: await findProgram('pg_restore', searchPath()),
    searchPath: searchPath(),
    signal: new AbortController().signal,
  });
  await writer
    .putOnce(factKey(system(), asset.id, point, 'verified', run), JSON.stringify(verifiedFact(name, run, new Date(), verified)))
    .catch((error: unknown) => {
      if (!(error instanceof ObjectExists)) throw error;
    });
}
