import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectEntries, type Selection } from '../../../core/archive/select.ts';
import { parseToc, type ArchiveToc } from '../../../core/archive/toc.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';

const run = promisify(execFile);
let source: FreshDatabase;
let scratch: string;
let archive: string;
let toc: ArchiveToc;

beforeAll(async () => {
  source = await freshDatabase('select');
  scratch = mkdtempSync(join(tmpdir(), 'holdfast-select-'));
  archive = join(scratch, 'archive');
  const client = await source.connect();
  await client.query(`
    CREATE SCHEMA app;
    CREATE TYPE app.state AS ENUM ('on', 'off');
    CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION app.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
    CREATE SEQUENCE app.shared; CREATE SEQUENCE app.unrelated;
    CREATE TABLE app.person (id serial PRIMARY KEY, state app.state, code int DEFAULT nextval('app.shared'));
    CREATE TABLE app.pet (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int REFERENCES app.person, weight int CHECK (app.twice(weight) > 0));
    CREATE INDEX pet_owner ON app.pet (owner);
    CREATE TRIGGER stamped BEFORE INSERT ON app.pet FOR EACH ROW EXECUTE FUNCTION app.stamp();
    COMMENT ON TABLE app.pet IS 'animals'; COMMENT ON COLUMN app.pet.owner IS 'a person';
    CREATE TABLE app.log (at date, text text) PARTITION BY RANGE (at);
    CREATE TABLE app.log_2026 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE TABLE app.log_other PARTITION OF app.log DEFAULT;
    CREATE INDEX log_at ON app.log (at);
    CREATE TABLE "Odd ""one""" (x int);
    CREATE VIEW app.owners AS SELECT p.* FROM app.person p JOIN app.pet ON owner = p.id;
    CREATE MATERIALIZED VIEW app.counts AS SELECT count(*) FROM app.owners;
    INSERT INTO app.person (state) VALUES ('on'); INSERT INTO app.pet (owner, weight) VALUES (1, 5);
    INSERT INTO app.log VALUES ('2026-05-05', 'a'), ('2030-01-01', 'b'); INSERT INTO "Odd ""one""" VALUES (1);
    SELECT lo_from_bytea(0, 'x');
  `);
  await run(join(source.binDir, 'pg_dump'), ['-Fc', '-Z0', `--file=${archive}`, source.database], { env: source.libpq });
  const { stdout } = await run('cat', [archive], { encoding: 'buffer', maxBuffer: 64 * 1024 ** 2 });
  ({ toc } = parseToc(stdout)!);
});
afterAll(async () => {
  await source.drop();
  rmSync(scratch, { recursive: true, force: true });
});

/** Restores just what is selected with the stock program, at the first error no further, and lists the relations with their rows. */
async function restored(selection: Selection): Promise<{ relations: Record<string, number>; notes: string[]; constraints: string[] }> {
  const { isSelected, notes, problems } = selectEntries(toc, selection);
  expect(problems).toEqual([]);
  const list = join(scratch, 'list');
  writeFileSync(list, toc.entries.flatMap(({ dumpId }) => (isSelected(dumpId) ? [`${dumpId};\n`] : [])).join(''));
  const target = await freshDatabase('selected');
  try {
    const args = ['--exit-on-error', `--use-list=${list}`, `--dbname=${target.database}`, archive];
    await run(join(source.binDir, 'pg_restore'), args, { env: target.libpq });
    const client = await target.connect();
    const { rows } = await client.query<{ name: string; relkind: string }>(
      `SELECT oid::regclass::text AS name, relkind FROM pg_class
       WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('app', 'public')) AND relkind NOT IN ('i', 'I', 'c')`,
    );
    const relations: Record<string, number> = {};
    for (const { name, relkind } of rows)
      relations[name] = relkind === 'S' ? 0 : Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`)).rows[0]!.n);
    const { rows: constraints } = await client.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE contype IN ('f', 'p') AND conrelid >= 16384 ORDER BY 1`,
    );
    return { relations, notes, constraints: constraints.map(({ name }) => name) };
  } finally {
    await target.drop();
  }
}

describe('selectEntries', () => {
  it('takes everything when nothing is asked for', async () => {
    const { relations, notes } = await restored({});
    expect(Object.keys(relations)).toContain('app.unrelated');
    expect(relations).toMatchObject({ 'app.person': 1, 'app.pet': 1, 'app.log': 2, 'app.counts': 1, '"Odd ""one"""': 1 });
    expect(notes).toEqual([]);
  });

  it('takes a table with what it needs and what belongs to it, and says what it could not take', async () => {
    const { relations, notes, constraints } = await restored({ tables: ['app.pet'] });
    expect(relations).toEqual({ 'app.pet': 1, 'app.pet_id_seq': 0 });
    expect(constraints).toEqual(['pet_pkey']);
    expect(notes.join('\n')).toMatch(/fk constraint app\.pet pet_owner_fkey/);
    expect(notes.join('\n')).toMatch(/Large objects/);
  });

  it('takes foreign keys between tables that both come', async () => {
    const { relations, constraints } = await restored({ tables: ['app.pet', 'app.person'] });
    expect(relations).toEqual({ 'app.pet': 1, 'app.pet_id_seq': 0, 'app.person': 1, 'app.person_id_seq': 0, 'app.shared': 0 });
    expect(constraints).toEqual(['person_pkey', 'pet_owner_fkey', 'pet_pkey']);
  });

  it('takes the partitions of a partitioned table, and names in quotes', async () => {
    expect((await restored({ tables: ['app.log'] })).relations).toEqual({ 'app.log': 2, 'app.log_2026': 1, 'app.log_other': 1 });
    expect((await restored({ tables: ['public."Odd ""one"""'] })).relations).toEqual({ '"Odd ""one"""': 1 });
  });

  it('takes one partition with the definition alone of what it is a part of', async () => {
    const { relations } = await restored({ tables: ['app.log_2026'] });
    expect(relations['app.log_2026']).toBe(1);
    expect(relations['app.log_other']).toBeUndefined();
  });

  it('leaves out a table with all that depends on it, and says so', async () => {
    const { relations, notes, constraints } = await restored({ exclude: ['app.person', 'app.log'] });
    expect(Object.keys(relations).toSorted()).toEqual(
      ['"Odd ""one"""', 'app.person_id_seq', 'app.pet', 'app.pet_id_seq', 'app.shared', 'app.unrelated'].filter(
        (name) => name in relations,
      ),
    );
    expect(relations).toMatchObject({ 'app.pet': 1 });
    expect(relations['app.person']).toBeUndefined();
    expect(constraints).toEqual(['pet_pkey']);
    expect(notes.join('\n')).toMatch(/fk constraint app\.pet pet_owner_fkey.*view app\.owners/);
  });

  it('takes definitions alone', async () => {
    const { relations } = await restored({ schemaOnly: true });
    expect(relations).toMatchObject({ 'app.person': 0, 'app.pet': 0, 'app.log': 0 });
    const { hasRows } = selectEntries(toc, { schemaOnly: true });
    expect(toc.entries.some(({ dumpId }) => hasRows(dumpId))).toBe(false);
  });

  it('says of every unknown name that there is no such table, and which was meant', () => {
    const { problems } = selectEntries(toc, { tables: ['pet', 'app.nothing'], exclude: ['APP.PERSON'] });
    expect(problems).toEqual([
      'the point has no table "pet" (alike: app.pet)',
      'the point has no table "app.nothing"',
      'the point has no table "APP.PERSON" (alike: app.person)',
    ]);
  });
});
