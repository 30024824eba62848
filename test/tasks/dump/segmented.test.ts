/** A segmented point, put together by hand as docs say, and restored with the stock programs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Manifest, StoredObject } from '../../../core/vault/manifest.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { readContent } from '../../helpers/database-content.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import type { TestPorts } from './ports.ts';
import { dumpRequest, loginTo, SMALL_SEGMENTS, testPorts } from './ports.ts';

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('segmented');
  const client = await source.connect();
  await client.query(`
    CREATE TABLE parent (id int PRIMARY KEY);
    INSERT INTO parent SELECT generate_series(1, 5);
    CREATE TABLE narrow (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parent, gone int, text text,
      twice int GENERATED ALWAYS AS (parent * 2) STORED);
    INSERT INTO narrow (parent, text) SELECT 1 + i % 5, md5(i::text) || E'\\t\\\\.\\n' FROM generate_series(1, 30000) i;
    ALTER TABLE narrow DROP COLUMN gone;
    CREATE INDEX ON narrow (text);
    CREATE TABLE "Odd ""name""
.with * $everything$" ("a.b" int, "c""d" text);
    INSERT INTO "Odd ""name""
.with * $everything$" SELECT i, repeat('x', i % 100) FROM generate_series(1, 20000) i;
    CREATE TABLE wide (id int, body text);
    ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
    INSERT INTO wide SELECT i, CASE WHEN i > 300 THEN repeat(md5(i::text), 400) END FROM generate_series(1, 400) i;
    CREATE TABLE empty (id int);
    CREATE TABLE none ();
    CREATE TABLE tall (id int, at date) PARTITION BY RANGE (id);
    CREATE TABLE tall_1 PARTITION OF tall FOR VALUES FROM (0) TO (20000);
    CREATE TABLE tall_2 PARTITION OF tall DEFAULT;
    INSERT INTO tall SELECT i, '2026-01-01' FROM generate_series(1, 50000) i;
    SELECT lo_from_bytea(0, '\\x0102');
    CREATE SEQUENCE counter; SELECT setval('counter', 41)`);
});
afterAll(() => source.drop());

const bodyOf = async (at: TestPorts, { key, versionId }: StoredObject) =>
  Buffer.from((await at.reader.get({ key, versionId }))?.body ?? []);
const decompress = (key: string, body: Buffer) => (key.endsWith('.gz') ? gunzipSync(body) : zstdDecompressSync(body));
const ofRole = (manifest: Manifest, role: StoredObject['role']) => manifest.objects.filter((object) => object.role === role);

async function restoreByHand(at: TestPorts, manifest: Manifest): Promise<FreshDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-by-hand-'));
  const archive = join(directory, 'archive');
  const rest = join(directory, 'rest.dump');
  mkdirSync(archive);
  for (const object of [...ofRole(manifest, 'toc'), ...ofRole(manifest, 'segment')]) {
    const body = await bodyOf(at, object);
    // A pg_restore before 16 reads no zstd, and every one reads files that are not compressed.
    const isZstd = object.key.endsWith('.zst');
    writeFileSync(join(archive, basename(object.key, '.zst')), isZstd ? zstdDecompressSync(body) : body);
  }
  const pieces = Buffer.concat(await Promise.all(ofRole(manifest, 'rest').map((object) => bodyOf(at, object))));
  writeFileSync(rest, manifest.dump.compression === 'gzip' ? gunzipSync(pieces) : zstdDecompressSync(pieces));
  const target = await freshDatabase('by_hand');
  const run = (...args: string[]) =>
    execFileSync(join(target.binDir, 'pg_restore'), ['--exit-on-error', `--dbname=${target.database}`, ...args], {
      env: { ...target.libpq, PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run('--section=pre-data', rest);
  run('--section=data', rest);
  run('--section=data', '--jobs=4', archive);
  run('--section=post-data', '--jobs=4', rest);
  rmSync(directory, { recursive: true });
  return target;
}

describe.each(['zstd', 'gzip'] as const)('a segmented point in %s', (method) => {
  it('is what the source is', async () => {
    const at = await testPorts(loginTo(source), inject('postgres').binDir, { limits: SMALL_SEGMENTS });
    const { committed, manifest } = await dumpPoint(dumpRequest({ format: 'segmented', workers: 3, compression: { method } }), at);
    expect(committed).toBe(true);
    expect(manifest.dump).toMatchObject({ format: 'segmented', archive: 'holdfast/archive/v1', compression: method });
    expect(manifest.format).toBe('holdfast/manifest/v2');

    const segments = ofRole(manifest, 'segment');
    const tables = Map.groupBy(segments, (object) => object.segment?.table ?? '');
    expect([...tables.keys()].toSorted()).toEqual(
      ['public.narrow', 'public."Odd ""name""\n.with * $everything$"', 'public.wide', 'public.tall_1', 'public.tall_2'].toSorted(),
    );
    for (const [table, objects] of tables) {
      expect(objects.length, table).toBeGreaterThan(1);
      expect(objects.map(({ segment }) => [segment?.number, segment?.of])).toEqual(objects.map((_, index) => [index + 1, objects.length]));
    }
    expect(tables.get('public.narrow')?.reduce((sum, { segment }) => sum + (segment?.rows ?? 0), 0)).toBe(30000);
    for (const object of segments) {
      const text = decompress(object.key, await bodyOf(at, object));
      expect(text.length).toBe(object.segment?.uncompressedBytes);
      expect(text.subarray(-5).toString()).toBe('\\.\n\n\n');
    }
    // What is out of line weighs: the last quarter of its rows is nearly all of the table.
    const wide = tables.get('public.wide')?.map(({ segment }) => segment?.uncompressedBytes ?? 0) ?? [];
    expect(Math.max(...wide)).toBeLessThan(2.5 * (wide.reduce((sum, bytes) => sum + bytes, 0) / wide.length));

    const target = await restoreByHand(at, manifest);
    const [before, after] = [await source.connect(), await target.connect()];
    expect(await readContent(after)).toEqual(await readContent(before));
    expect((await after.query(`SELECT last_value::int FROM counter`)).rows).toEqual([{ last_value: 41 }]);
    await target.drop();
    at.cleanUp();
  });
});
