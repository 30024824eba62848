/** How a database becomes a point, and a point a database again: by our task, and by hand with stock programs. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTarget } from '../../cli/export/target-directory.ts';
import { writeDirectory } from '../../cli/export/write-directory.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { dumpPoint, type DumpPorts } from '../../tasks/dump/dump-point.ts';
import { runRestore } from '../../tasks/restore/run-restore.ts';
import { readArchive, readStoredObject } from '../../tasks/verify/read-archive.ts';
import { rootSettings } from '../helpers/servers.ts';
import { assetPlan, POINT, testPorts } from '../tasks/dump/ports.ts';
import type { Database } from './compare/compare.ts';
import type { Server } from './servers.ts';

export type Format = 'custom' | 'segmented';
export type Point = { asset: PostgresAsset; manifest: Manifest; reader: ObjectReader };

const SYSTEM = 'sys';

export type DumpOptions = { over?: Partial<DumpPorts>; dump?: Parameters<typeof assetPlan>[0] };

/** Everything that can be read in segments is, and in several: what is tried is the cutting, not when it pays. */
export const SMALL_SEGMENTS: DumpPorts['limits'] = {
  tables: { tableBytes: 1, leastTableBytes: 1, mostTables: 10_000 },
  segments: { leastBytes: 48 * 1024, mostBytes: 256 * 1024 },
};

/** gzip: what every stock pg_restore reads. */
export async function dump(format: Format, { server, name }: Database, options: DumpOptions = {}): Promise<Point> {
  // A login of its own for restores: owners and grants are restored only then.
  const asset = assetPlan({ format, compression: { method: 'gzip', level: 1 }, ...options.dump }, { restore: { secret: 'test/restore' } });
  const ports = await testPorts(server.login(name), server.binDir, { limits: SMALL_SEGMENTS, ...options.over });
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

async function readObjects(point: Point, role: StoredObject['role']): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (const object of point.manifest.objects) if (object.role === role) pieces.push(await bytesOf(point, object));
  return Buffer.concat(pieces);
}

/** A new database like the source's, as a person would make it. */
async function createLikeSource({ manifest: { source } }: Point, onto: Server, name: string): Promise<string> {
  const icu = source.localeProvider === 'icu' ? ` LOCALE_PROVIDER icu ICU_LOCALE '${source.icuLocale}'` : '';
  return onto.create(
    name,
    `TEMPLATE template0 ENCODING '${source.encoding}'${icu} LC_COLLATE '${source.collate}' LC_CTYPE '${source.ctype}'`,
  );
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
    const file = join(directory, 'dump');
    await writeFile(file, await readObjects(point, 'dump'));
    const name = await createLikeSource(point, onto, 'by_hand');
    for (const section of ['pre-data', 'data', 'post-data'])
      await pgRestore(onto, name, [`--section=${section}`, ...(section === 'pre-data' ? [] : ['--jobs=4']), file]);
    return { server: onto, name };
  });

/** The four commands of docs/restore-by-hand.md, with what `aws s3 cp` and `gunzip` (or `zstd -d`) leave behind. */
const segmentedByHand: Way = (point, onto) =>
  withScratch(async (directory) => {
    const rest = join(directory, 'rest.dump');
    const archive = join(directory, 'archive');
    mkdirSync(archive);
    await writeFile(rest, decompressBlocks(point, await readObjects(point, 'rest')));
    for (const object of point.manifest.objects) {
      const file = object.key.split('/archive/')[1];
      if (object.role !== 'segment' && object.role !== 'toc') continue;
      const bytes = await bytesOf(point, object);
      // A pg_restore that knows no zstd takes the file as it is without it.
      if (file?.endsWith('.zst')) await writeFile(join(archive, file.slice(0, -4)), decompressBlocks(point, bytes));
      else await writeFile(join(archive, file ?? ''), bytes);
    }
    const name = await createLikeSource(point, onto, 'by_hand');
    await pgRestore(onto, name, ['--section=pre-data', rest]);
    await pgRestore(onto, name, ['--section=data', rest]);
    await pgRestore(onto, name, ['--section=data', '--jobs=4', archive]);
    await pgRestore(onto, name, ['--section=post-data', '--jobs=4', rest]);
    return { server: onto, name };
  });

/** What `holdfast export` writes, and one command. */
const byExport: Way = (point, onto) =>
  withScratch(async (scratch) => {
    const directory = join(scratch, 'exported');
    const { manifest, reader } = point;
    const target = await openTarget(directory, 0, new AbortController().signal);
    const read = (object: StoredObject) => readStoredObject(reader, object);
    const readWhole = () => readArchive(reader, manifest);
    await writeDirectory({ manifest, target, major: onto.major, compression: manifest.dump.compression, read, readWhole });
    const name = await createLikeSource(point, onto, 'by_export');
    await pgRestore(onto, name, ['--format=directory', '--jobs=4', directory]);
    return { server: onto, name };
  });

/** With the stock program: our own decoder is not asked what our own encoder wrote. */
function decompressBlocks({ manifest }: Point, bytes: Uint8Array): Buffer {
  const isZstd = manifest.dump.compression === 'zstd';
  return execFileSync(isZstd ? 'zstd' : 'gzip', ['-d', '-c'], { input: bytes, maxBuffer: 4 * 1024 ** 3 });
}

export const WAYS: Record<Format, Record<string, Way>> = {
  custom: { 'the restore task': byTask, 'pg_restore -j4': customByHand },
  segmented: { 'the restore task': byTask, 'the four commands by hand': segmentedByHand, 'export and pg_restore -Fd -j4': byExport },
};
