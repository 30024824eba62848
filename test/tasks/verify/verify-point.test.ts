import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import { VerifiedFact } from '../../../core/vault/facts.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { verifiedFact, verifyPoint } from '../../../tasks/verify/verify-point.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import { assetPlan, loginTo, POINT, testPorts } from '../dump/ports.ts';

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('verify');
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 20000) i;
    CREATE SCHEMA "Odd "; CREATE TABLE "Odd "."na""me" (a text); INSERT INTO "Odd "."na""me" VALUES (E'a\\nb'), ('\\.'), (NULL), ('');
    CREATE TABLE empty ();
    CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '
COPY public.trap (a) FROM stdin;
' $$;
    CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1), (1);
    SELECT lo_from_bytea(0, '\\x0102'), lo_from_bytea(0, '')`);
});
afterAll(() => source.drop());

describe('verifyPoint', () => {
  it.each([
    ['custom', 'auto'],
    ['custom', 'gzip'],
    ['plain', 'auto'],
    ['plain', 'gzip'],
  ] as const)('counts what is in a %s dump (%s)', async (format, method) => {
    const { binDir } = inject('postgres');
    const ports = await testPorts(loginTo(source), binDir, { limits: { objectBytes: 100_000 } });
    const asset = assetPlan({ format, compression: { method }, schemaOnlyBeside: true });
    const { manifest } = await dumpPoint({ system: 'sys', asset, point: POINT, attempt: '0001-1' }, ports);
    expect(manifest.objects.filter((o) => o.role === 'dump').length).toBeGreaterThan(2);
    const name = { system: 'sys', asset: 'db', point: POINT };
    const verified = await verifyPoint(name, {
      reader: ports.reader,
      pgRestore: await findProgram('pg_restore', binDir),
      searchPath: binDir,
      signal: ports.signal,
    });
    expect(verified.content.rows).toEqual([
      { table: '"Odd "."na""me"', rows: 4 },
      { table: 'public.empty', rows: 0 },
      { table: 'public.p1', rows: 2 },
      { table: 'public.t', rows: 20000 },
    ]);
    expect(verified.content.largeObjects).toBe(2);
    expect(verified.warnings).toEqual([]);
    expect(verified.bytesRead).toBe(manifest.objects.reduce((sum, o) => sum + o.sizeBytes, 0));
    VerifiedFact.parse(verifiedFact(name, 'run', new Date(), verified));
  });
});
