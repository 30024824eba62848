/** A source with everything that a segmented restore treats in a way of its own, and how restored databases are compared with it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceLogin } from '../../../../adapters/postgres/source.ts';
import { runRestore, type RestoreOrder, type RestorePorts } from '../../../../tasks/restore/run-restore.ts';
import { readContent } from '../../../helpers/database-content.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../../../helpers/servers.ts';
import { loginTo } from '../../dump/ports.ts';
import { searchPath, SYSTEM, type MadePoint } from '../../drill/fixture.ts';

export const SOURCE_SQL = (rows: number) => `
  CREATE TABLE parent (id int PRIMARY KEY, name text UNIQUE);
  INSERT INTO parent SELECT i, 'parent ' || i FROM generate_series(1, 50) i;
  CREATE TABLE narrow (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parent, gone int, text text,
    twice int GENERATED ALWAYS AS (parent * 2) STORED);
  INSERT INTO narrow (parent, text) SELECT 1 + i % 50, md5(i::text) || E'\\t\\\\.\\n' FROM generate_series(1, ${rows}) i;
  ALTER TABLE narrow DROP COLUMN gone;
  CREATE INDEX narrow_text ON narrow (text);
  CREATE STATISTICS narrow_statistics ON parent, text FROM narrow;
  ALTER TABLE narrow ENABLE ROW LEVEL SECURITY;
  ALTER TABLE narrow FORCE ROW LEVEL SECURITY;
  CREATE POLICY most_rows ON narrow USING (parent > 1);
  CREATE TABLE "Odd ""name"" 数" ("a.b" int, "c""d" text);
  INSERT INTO "Odd ""name"" 数" SELECT i, repeat('x', i % 100) FROM generate_series(1, ${rows}) i;
  CREATE TABLE wide (id int PRIMARY KEY, body text);
  ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
  INSERT INTO wide SELECT i, CASE WHEN i % 3 = 0 THEN repeat(md5(i::text), 400) END FROM generate_series(1, 400) i;
  CREATE TABLE empty (id int);
  CREATE TABLE none ();
  INSERT INTO none DEFAULT VALUES;
  CREATE TABLE tall (id int, at date, PRIMARY KEY (id)) PARTITION BY RANGE (id);
  CREATE TABLE tall_1 PARTITION OF tall FOR VALUES FROM (0) TO (20000);
  CREATE TABLE tall_2 PARTITION OF tall DEFAULT;
  CREATE INDEX ON tall (at);
  INSERT INTO tall SELECT i, '2026-01-01' FROM generate_series(1, ${rows * 2}) i;
  CREATE TABLE refers (tall int REFERENCES tall);
  INSERT INTO refers SELECT generate_series(1, 100);
  CREATE MATERIALIZED VIEW counted AS SELECT id % 10 AS part, count(*) FROM tall GROUP BY 1;
  CREATE UNIQUE INDEX ON counted (part);
  CREATE VIEW grouped AS SELECT id, body, count(*) FROM wide GROUP BY id;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
  CREATE TRIGGER touch BEFORE UPDATE ON wide FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE RULE nothing AS ON DELETE TO empty DO INSTEAD NOTHING;
  SELECT lo_from_bytea(0, decode(repeat(md5(i::text), 1 + i % 40), 'hex')) FROM generate_series(1, 2500) i;
  SELECT lo_from_bytea(0, decode(repeat('ab', 2500000), 'hex')), lo_create(0);
  CREATE TABLE t AS SELECT 1 AS id;
  CREATE SEQUENCE counter; SELECT setval('counter', 41)`;

/** It forbids what a restore does to remove its own traces. */
export const EVENT_TRIGGER_SQL = `CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'nothing is dropped here'; END $$;
  CREATE EVENT TRIGGER forbid ON sql_drop EXECUTE FUNCTION forbid();
  ALTER EVENT TRIGGER forbid ENABLE ALWAYS`;

/** The schema as pg_dump writes it, without what differs from one run of it to the next. */
export function readSchema({ binDir, libpq }: Pick<FreshDatabase, 'binDir' | 'libpq'>, database: string): string {
  const text = execFileSync(join(binDir, 'pg_dump'), ['--schema-only', `--dbname=${database}`], {
    env: { ...libpq, LC_ALL: 'C' },
    maxBuffer: 1024 ** 3,
  }).toString();
  return text.replaceAll(/^\\(?:un)?restrict .*$/gm, '');
}

export async function readWhole(server: FreshDatabase, database: string) {
  const client = await connectToTestServer(database);
  try {
    const sequences = await client.query<{ at: string }>(
      `SELECT schemaname || sequencename || ' ' || last_value AS at FROM pg_sequences ORDER BY 1`,
    );
    return { ...(await readContent(client)), sequences: sequences.rows, schema: readSchema(server, database) };
  } finally {
    await client.end();
  }
}

export type Over = { order?: Partial<RestoreOrder>; ports?: Partial<RestorePorts>; login?: Partial<SourceLogin>; signal?: AbortSignal };

/** Databases that a suite restores into, and its scratch directory. */
export async function openWorld(rows: number) {
  const source = await freshDatabase('segmented');
  const client = await source.connect();
  await client.query(SOURCE_SQL(rows));
  const made: string[] = [];
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-segmented-'));
  return {
    source,
    client,
    scratchDir,
    fresh(name = 'restored') {
      const database = `${name}_${uniqueSuffix()}`;
      made.push(database);
      return database;
    },
    async exists(database: string): Promise<boolean> {
      return (await client.query('SELECT FROM pg_database WHERE datname = $1', [database])).rowCount === 1;
    },
    restore: (point: MadePoint, database: string, over: Over = {}) =>
      runRestore(
        { system: SYSTEM, asset: point.asset, point: point.point, run: 'run', database, scratchDir, path: searchPath(), ...over.order },
        {
          reader: point.reader,
          login: loginTo(source, over.login),
          now: () => new Date(),
          report: () => undefined,
          moved: () => undefined,
          ...over.ports,
        },
        over.signal ?? new AbortController().signal,
      ),
    async close() {
      const admin = await connectToTestServer('postgres');
      for (const name of made) await admin.query(`DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`);
      await admin.end();
      await source.drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
