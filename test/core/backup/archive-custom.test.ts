import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchCustom } from '../../../core/backup/archive-custom.ts';
import { startOtherPostgres } from '../../helpers/other-postgres.ts';
import { freshDatabase } from '../../helpers/servers.ts';

const CONTENT = `CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 3000) i; CREATE TABLE empty ();
  CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1);
  CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE SEQUENCE s; CREATE UNLOGGED TABLE u AS SELECT 1 AS a; CREATE VIEW v AS SELECT 1 AS a;
  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON TABLE t IS 'it is';
  SELECT lo_from_bytea(0, convert_to(repeat('x', 10000), 'UTF8')), lo_from_bytea(0, '')`;

type Source = { binDir: string; environment: Record<string, string>; stop: () => Promise<void> };

async function shared(): Promise<Source> {
  const database = await freshDatabase('archive');
  await (await database.connect()).query(CONTENT);
  return { binDir: database.binDir, environment: database.libpq, stop: () => database.drop() };
}
async function other(major: 16 | 18): Promise<Source> {
  const server = await startOtherPostgres(major);
  await (await server.connect()).query(CONTENT);
  const environment = {
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
    PGDATABASE: 'postgres',
  };
  return { binDir: server.binDir, environment, stop: () => server.stop() };
}

const watch = (bytes: Buffer, chunkBytes: number) => {
  const watcher = watchCustom();
  for (let at = 0; at < bytes.length; at += chunkBytes) watcher.add(bytes.subarray(at, at + chunkBytes));
  return watcher.missing();
};

describe.each([
  ['the shared server', shared],
  ['PostgreSQL 16', () => other(16)],
  ['PostgreSQL 18', () => other(18)],
])('watchCustom, on an archive of %s', (_, start) => {
  let source: Source;
  beforeAll(async () => {
    source = await start();
  });
  afterAll(() => source.stop());

  it.each([['-Z0'], ['-Z1'], ['--schema-only']])('%s knows it from a part of it', (arg) => {
    const archive = execFileSync(join(source.binDir, 'pg_dump'), ['--format=custom', arg], { env: source.environment, maxBuffer: 2 ** 28 });
    for (const chunkBytes of [1, 4096, archive.length]) expect(watch(archive, chunkBytes)).toBeUndefined();
    for (let cut = 1; cut <= archive.length; cut = Math.ceil(cut * 1.05))
      expect(watch(archive.subarray(0, -cut), 10_000), `${cut} bytes cut`).toBeDefined();
    expect(watch(Buffer.concat([archive, Buffer.from('x')]), 10_000)).toMatch(/follow/);
  });
});

it('watchCustom is not content with something else', () => {
  expect(watch(Buffer.from(''), 10)).toBeDefined();
  expect(watch(Buffer.from('--\n-- PostgreSQL database dump\n'), 10)).toBeDefined();
});
