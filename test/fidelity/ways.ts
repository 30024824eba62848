/** How a database becomes a point, and a point a database again: by our task, and by hand with stock programs. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { dumpPoint, type DumpPorts } from '../../tasks/dump/dump-point.ts';
import { runRestore } from '../../tasks/restore/run-restore.ts';
import { rootSettings } from '../helpers/servers.ts';
import { assetPlan, POINT, testPorts } from '../tasks/dump/ports.ts';
import type { Database } from './compare/compare.ts';
import type { Server } from './servers.ts';

export type Format = 'custom' | 'segmented';
export type Point = { asset: PostgresAsset; manifest: Manifest; reader: ObjectReader };

const SYSTEM = 'sys';

export type DumpOptions = { over?: Partial<DumpPorts>; dump?: Parameters<typeof assetPlan>[0] };

/** gzip: what every stock pg_restore reads. */
export async function dump(format: Format, { server, name }: Database, options: DumpOptions = {}): Promise<Point> {
  const asset = assetPlan({ format, compression: { method: 'gzip', level: 1 }, ...options.dump }, {});
  const ports = await testPorts(server.login(name), server.binDir, options.over ?? {});
  try {
    const { manifest } = await dumpPoint({ system: SYSTEM, asset, point: POINT, attempt: '0001-1' }, ports);
    const { reader } = openBucket(ports.bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
    return { asset, manifest, reader };
  } finally {
    ports.cleanUp();
  }
}

export type Way = (point: Point, onto: Server) => Promise<Database>;

async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-fidelity-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const byTask: Way = (point, onto) =>
  withScratch(async (scratchDir) => {
    const name = onto.reserve('by_task');
    await runRestore(
      { system: SYSTEM, asset: point.asset, point: POINT, run: 'run', database: name, scratchDir, path: `${onto.binDir}:/usr/bin:/bin` },
      {
        reader: point.reader,
        login: onto.login('postgres'),
        now: () => new Date(),
        report: () => undefined,
        moved: () => undefined,
      },
      new AbortController().signal,
    );
    return { server: onto, name };
  });

async function bytesOf({ reader }: Point, { key, versionId }: StoredObject): Promise<Uint8Array> {
  const found = await reader.get({ key, versionId });
  if (found === undefined) throw new Error(`${key} is not there`);
  return found.body;
}

async function writeObjects(point: Point, role: StoredObject['role'], file: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (const object of point.manifest.objects) if (object.role === role) pieces.push(await bytesOf(point, object));
  await writeFile(file, Buffer.concat(pieces));
  return file;
}

/** A new database like the source's, as a person would make it. */
async function createLikeSource({ manifest: { source } }: Point, onto: Server, name: string): Promise<string> {
  return onto.create(name, `TEMPLATE template0 ENCODING '${source.encoding}' LC_COLLATE '${source.collate}' LC_CTYPE '${source.ctype}'`);
}

async function pgRestore(onto: Server, database: string, args: readonly string[]): Promise<void> {
  const program = join(onto.binDir, 'pg_restore');
  await promisify(execFile)(program, ['--exit-on-error', '--no-password', `--dbname=${database}`, ...args], {
    env: onto.libpq(database),
    maxBuffer: 16 * 1024 ** 2,
  });
}

/**
 * The objects put together with `cat`, and a stock pg_restore, section by section: in one go with several jobs it makes the triggers of
 * a partitioned table while rows of its partitions arrive, and gives grants in any order.
 */
const customByHand: Way = (point, onto) =>
  withScratch(async (directory) => {
    const file = await writeObjects(point, 'dump', join(directory, 'dump'));
    const name = await createLikeSource(point, onto, 'by_hand');
    for (const section of ['pre-data', 'data', 'post-data'])
      await pgRestore(onto, name, [`--section=${section}`, ...(section === 'pre-data' ? [] : ['--jobs=4']), file]);
    return { server: onto, name };
  });

export const WAYS: Record<Format, Record<string, Way>> = {
  custom: { 'the restore task': byTask, 'pg_restore -j4': customByHand },
  segmented: { 'the restore task': byTask },
};
