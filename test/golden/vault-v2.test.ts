/** Segmented points that one release wrote, every later one lists, verifies, restores and exports: the golden vault of manifest version 2. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { openTarget } from '../../cli/export/target-directory.ts';
import { writeDirectory } from '../../cli/export/write-directory.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { runRestore, type RestoreOrder } from '../../tasks/restore/run-restore.ts';
import { readArchive, readStoredObject } from '../../tasks/verify/read-archive.ts';
import { verifyPoint } from '../../tasks/verify/verify-point.ts';
import { openGoldenVault } from '../helpers/golden-vault.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../helpers/servers.ts';
import { assetPlan, loginTo } from '../tasks/dump/ports.ts';
import { readText } from './database-text.ts';

type Expected = {
  system: string;
  points: { asset: string; point: string; compression: 'zstd' | 'gzip'; manifestSha256: string; segmentsOf: Record<string, number> }[];
};
const DIRECTORY = fileURLToPath(new URL('vault-v2', import.meta.url));
const { system, points } = JSON.parse(readFileSync(join(DIRECTORY, 'expected.json'), 'utf8')) as Expected;
const text = readFileSync(join(DIRECTORY, 'expected.txt'), 'utf8');
const vault = openGoldenVault(DIRECTORY);
const HOLDERS = `"Écriture 数"."holder's ""main"" таблица"`;
const { signal } = new AbortController();

/** What the golden text says of the rows of some tables. */
const rowsOf = (tables: readonly string[]): string =>
  text
    .split(/^(?=== )/m)
    .filter((part) => tables.some((table) => part.startsWith(`== rows of ${table}\n`)))
    .join('');
const countRows = (table: string): number => rowsOf([table]).trimEnd().split('\n').length - 1;

async function manifestOf({ asset, point }: Expected['points'][number]): Promise<Manifest> {
  return (await readPoint(vault, system, asset, point))!.manifest;
}

it('holds what this test is about', () => {
  expect(points.map(({ compression }) => compression)).toEqual(['zstd', 'gzip']);
  for (const { segmentsOf } of points) expect(segmentsOf).toEqual({ [HOLDERS]: 4, 'public.log_2025': 3, 'public.log_2026': 4 });
  expect([HOLDERS, 'public.log_2025', 'public.log_2026', 'public.log_rest', 'public.small'].map(countRows)).toEqual([300, 213, 247, 1, 2]);
});

describe.each(points)('$asset/$point', (expected) => {
  const { asset, point, compression, manifestSha256, segmentsOf } = expected;

  it('is listed and read', async () => {
    const listed = { point, kinds: new Set(['verified']), isHidden: false, isOverwritten: false, isSigned: false };
    expect(await listPoints(vault, system, asset)).toEqual([listed]);
    const records = (await readPoint(vault, system, asset, point))!;
    expect(records.manifestSha256).toBe(manifestSha256);
    expect(records.manifest).toMatchObject({
      format: 'holdfast/manifest/v2',
      dump: { format: 'segmented', archive: 'holdfast/archive/v1', compression },
    });
    const segments = records.manifest.objects.flatMap(({ segment }) => (segment ? [segment] : []));
    for (const [table, of] of Object.entries(segmentsOf))
      expect(segments.filter((segment) => segment.table === table).map(({ number }) => number)).toEqual(
        Array.from({ length: of }, (_, index) => index + 1),
      );
  });

  it('is verified, and counts what was counted then', async () => {
    const searchPath = `${inject('postgres').binDir}:/usr/bin:/bin`;
    const pgRestore = await findProgram('pg_restore', searchPath);
    const { content, bytesRead } = await verifyPoint({ system, asset, point }, { reader: vault, pgRestore, searchPath, signal });
    const { facts, manifest } = (await readPoint(vault, system, asset, point))!;
    expect(facts).toMatchObject([{ kind: 'verified', rows: content.rows, largeObjects: 2, bytesRead }]);
    expect(bytesRead).toBe(manifest.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    for (const { table, rows } of content.rows) expect([table, rows]).toEqual([table, countRows(table)]);
  });
});

describe('into a new database', () => {
  let server: FreshDatabase;
  let scratchDir: string;
  const made: string[] = [];
  const fresh = () => {
    made.push(`golden_${uniqueSuffix()}`);
    return made.at(-1)!;
  };
  beforeAll(async () => {
    server = await freshDatabase('golden');
    scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-golden-'));
  });
  afterAll(async () => {
    const client = await server.connect();
    for (const database of made) await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await server.drop();
    rmSync(scratchDir, { recursive: true, force: true });
  });

  const restore = async ({ asset, point }: Expected['points'][number], selection: RestoreOrder['selection'] = {}) => {
    const database = fresh();
    const path = `${inject('postgres').binDir}:/usr/bin:/bin`;
    await runRestore(
      { system, asset: assetPlan({}, { id: asset }), point, run: 'run', database, selection, scratchDir, path },
      { reader: vault, login: loginTo(server), now: () => new Date(), report: () => undefined, moved: () => undefined },
      signal,
    );
    expect(readdirSync(scratchDir)).toEqual([]);
    return connectToTestServer(database);
  };

  it.each(points)('$asset/$point is restored to the last row', async (expected) => {
    const client = await restore(expected);
    expect(await readText(client)).toBe(text);
    await client.end();
  });

  it.each(points)('a segmented table of $asset/$point is restored alone', async (expected) => {
    const client = await restore(expected, { tables: [HOLDERS] });
    expect(await readText(client, [HOLDERS])).toBe(rowsOf([HOLDERS]));
    const { rows } = await client.query(`SELECT FROM pg_class WHERE relname LIKE 'log%'`);
    expect(rows).toEqual([]);
    await client.end();
  });

  it.each(points)('$asset/$point is exported, and read by pg_restore', async (expected) => {
    const manifest = await manifestOf(expected);
    const directory = join(scratchDir, expected.asset);
    await writeDirectory({
      manifest,
      target: await openTarget(directory, 0, signal),
      major: inject('postgres').major,
      // What every pg_restore reads.
      compression: 'gzip',
      read: (object) => readStoredObject(vault, object),
      readWhole: () => readArchive(vault, manifest),
    });
    const database = fresh();
    await (await server.connect()).query(`CREATE DATABASE ${database}`);
    const args = ['--exit-on-error', '--format=directory', '--jobs=3', `--dbname=${database}`, directory];
    await promisify(execFile)(join(server.binDir, 'pg_restore'), args, { env: server.libpq });
    const client = await connectToTestServer(database);
    expect(await readText(client)).toBe(text);
    await client.end();
    rmSync(directory, { recursive: true });
  });
});
