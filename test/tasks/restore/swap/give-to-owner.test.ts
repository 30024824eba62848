/** A restore without owners that replaces a database: whoever works with the database as its owner works with the restored one as before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord } from '../../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../../core/parse-json.ts';
import { RestoredPaper, SwapPaper } from '../../../../core/restore/result.ts';
import { restorePaperKey } from '../../../../core/vault/keys.ts';
import { giveToOwner } from '../../../../tasks/restore/swap/give-to-owner.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

/** Of every kind that somebody may own. */
const EVERY_KIND = `
  CREATE TABLE t AS SELECT 1 AS id;
  CREATE SCHEMA "odd name";
  CREATE TABLE "odd name"."Table" (id serial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY);
  CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TYPE pair AS (a int, b int); CREATE TYPE span AS RANGE (subtype = int);
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE log (at date NOT NULL, how mood) PARTITION BY RANGE (at);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE VIEW seen AS SELECT * FROM t; CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM t;
  CREATE SEQUENCE counter;
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
  CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
  CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
  CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0');
  CREATE OPERATOR === (leftarg = int, rightarg = int, function = same);
  CREATE COLLATION plain FROM "C"; CREATE CONVERSION mine FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
  CREATE STATISTICS together ON at, how FROM log;
  CREATE TEXT SEARCH DICTIONARY words (template = simple); CREATE TEXT SEARCH CONFIGURATION search (copy = simple);
  CREATE PUBLICATION told FOR TABLE t;
  SELECT lo_from_bytea(0, decode('ab', 'hex'))`;

let world: SwapWorld;
let point: MadePoint;
let plain: MadePoint;
beforeAll(async () => {
  world = await openSwapWorld(EVERY_KIND);
  const over = { restore: { secret: 'restores', noOwner: true, noPrivileges: true } };
  point = await world.point({ dump: { format: 'custom' }, over });
  plain = await world.point({ dump: { format: 'plain', cleanIfExists: true }, over });
}, 60_000);
afterAll(() => world.close());

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = await connectToTestServer(world.database);
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const CATALOGS = {
  pg_class: 'relowner',
  pg_type: 'typowner',
  pg_proc: 'proowner',
  pg_namespace: 'nspowner',
  pg_operator: 'oprowner',
  pg_collation: 'collowner',
  pg_conversion: 'conowner',
  pg_statistic_ext: 'stxowner',
  pg_ts_dict: 'dictowner',
  pg_ts_config: 'cfgowner',
  pg_publication: 'pubowner',
};

/** Who owns what nothing else holds: the functions of a range, as an example, are the server's own. */
const owners = async () =>
  (
    await ask(
      `SELECT pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata ${Object.entries(CATALOGS)
        .map(
          ([catalog, owner]) => `UNION SELECT pg_get_userbyid(${owner}) FROM ${catalog} WHERE oid >= 16384 AND NOT EXISTS
            (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${catalog}.oid AND d.objsubid = 0 AND d.deptype = 'i')`,
        )
        .join(' ')}`,
    )
  ).map(({ owner }) => owner);

const read = async ({ reader, asset }: MadePoint, run: string, paper: string) =>
  parseJson((await readRecord(reader, restorePaperKey(SYSTEM, asset.id, run, paper)))!.body);
const notesOf = async (made: MadePoint, run: string) => RestoredPaper.parse(await read(made, run, 'restored')).notes;

/** May become the owner, and is no superuser. */
async function makeMember(): Promise<{ user: string; password: string }> {
  const user = await world.makeRole('LOGIN CREATEDB');
  await world.admin.query(`GRANT ${world.owner} TO ${user}; GRANT pg_signal_backend TO ${user}`);
  return { user, password: 'secret' };
}

async function swapped(login?: { user: string; password: string }) {
  const run = newRun();
  await world.endSessions();
  await world.swap(point, { run, ...(login === undefined ? {} : { login }) });
  const notes = [...(await notesOf(point, run)), ...SwapPaper.parse(await read(point, run, 'swapped')).notes];
  const finish = async () => {
    await world.endSessions();
    await world.phase(point, 'finish', { run: newRun(), of: run });
  };
  return { notes, finish };
}
const given = () => `Everything in it belongs to ${world.owner} now, as the database does`;

describe('what a restore in place without owners has made', () => {
  it('is the owner’s of the database that it replaces, of every kind', async () => {
    const { notes, finish } = await swapped();
    expect(notes).toContain(given());
    expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(/^Owners are left out, .* the owner of the database/) as string]));
    expect(await owners()).toEqual([world.owner]);
    // Nothing stands in the way of who works as the owner.
    await ask(`
      SET ROLE ${world.owner};
      INSERT INTO "odd name"."Table" DEFAULT VALUES; ALTER TABLE log ADD COLUMN why text; INSERT INTO log VALUES ('2026-01-03', 'good');
      SELECT nextval('counter'), twice(2), total(id), count(*) FROM t; REFRESH MATERIALIZED VIEW counted; DROP VIEW seen; CALL nothing();
      CREATE TABLE "odd name".more (id int)`);
    await finish();
  });

  it('is so by a login that is no superuser, and may become the owner', async () => {
    const before = await world.properties();
    const { notes, finish } = await swapped(await makeMember());
    expect(notes).toContain(given());
    expect(await owners()).toEqual([world.owner]);
    const { settings: _, ...rest } = (await world.properties()) ?? {};
    expect(before).toMatchObject(rest);
    await finish();
  });

  it('stays the login’s where it may not be given, which is said', async () => {
    const login = await world.makeRole('LOGIN');
    const other = await world.makeRole('LOGIN');
    await world.admin.query(`GRANT CONNECT ON DATABASE ${world.database} TO ${login}`);
    const into = loginTo(world.source, { user: login, password: 'secret' });
    const notes = await giveToOwner({ login: into, applicationName: 'test', database: world.database, owner: other, isNew: true });
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`^${other} owns the database, and everything in it belongs to ${login}`)) as string,
    ]);
    await world.admin.query(`REVOKE CONNECT ON DATABASE ${world.database} FROM ${login}`);
  });
});

it('what only superusers may own stays theirs, and is named', async () => {
  await ask(`
    CREATE FOREIGN DATA WRAPPER "odd files"; CREATE SERVER afar FOREIGN DATA WRAPPER "odd files"; CREATE LANGUAGE mine HANDLER plpgsql_call_handler;
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION watch();
    CREATE SUBSCRIPTION "Sub" CONNECTION 'host=nowhere' PUBLICATION told WITH (connect = false, slot_name = NONE)`);
  const [self] = await ask('SELECT current_user AS name');
  const login = loginTo(world.source, {});
  const { database, owner } = world;
  const notes = await giveToOwner({ login, applicationName: 'test', database, owner, isNew: true });
  const stays = ['event trigger watched', 'foreign-data wrapper "odd files"', 'subscription "Sub"'];
  expect(notes).toEqual([`${given()}; but this stays with ${String(self?.['name'])}: ${stays.join(', ')}`]);
  expect(await ask(`SELECT pg_get_userbyid(lanowner) AS owner FROM pg_language WHERE lanname = 'mine'`)).toEqual([{ owner }]);
  await ask(`
    DROP SUBSCRIPTION "Sub"; DROP EVENT TRIGGER watched; DROP FUNCTION watch(); DROP LANGUAGE mine; DROP FOREIGN DATA WRAPPER "odd files" CASCADE`);
});

describe('what drop and create has made without owners', () => {
  it('is the owner’s of the database that it replaces, also of a try that began after one that failed there', async () => {
    const login = await makeMember();
    await world.endSessions();
    const before = await world.properties();
    const order = await world.prepare(point, { target: 'drop-and-create', login });
    const reports: string[] = [];
    const fail = (event: string) => {
      if (event.includes('has what the old one was')) throw new Error('told to fail');
    };
    await expect(world.phase(point, 'replace', { ...order, report: fail })).rejects.toThrow();
    await world.phase(point, 'replace', { ...order, report: (event) => void reports.push(event) });
    // By its owner the first one's work is known for what it is.
    expect(reports).toEqual(expect.arrayContaining([expect.stringContaining('is taken up again') as string]));
    expect(await owners()).toEqual([world.owner]);
    expect(await world.properties()).toEqual(before);
    const notes = await notesOf(point, order.run);
    expect(notes).toContain(given());
    expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(/^Owners are left out, .* the owner of the database/) as string]));
  });
});

describe('what the replay of a plain dump has made without owners', () => {
  // All of it is the owner's then.
  beforeAll(async () => {
    const { finish } = await swapped();
    await finish();
  }, 60_000);
  const ownersOf = async (relations: string) =>
    (await ask(`SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname IN (${relations}) ORDER BY 1`)).map(
      ({ owner }) => owner,
    );

  it('is the owner’s of the database, and what was there before keeps its owner', async () => {
    const login = await makeMember();
    const other = await world.makeRole('LOGIN');
    const before = await world.properties();
    await ask(`CREATE TABLE apart (id serial); ALTER TABLE apart OWNER TO ${other}`);
    await ask(`CREATE TABLE of_login (id serial); ALTER TABLE of_login OWNER TO ${login.user}`);
    await ask(`ALTER TABLE t OWNER TO ${login.user}`);
    await ask(`SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO ${login.user}`);
    const [dumped] = await ask('SELECT oid FROM pg_largeobject_metadata WHERE oid <> 4711');
    await ask(`ALTER LARGE OBJECT ${String(dumped?.['oid'])} OWNER TO ${login.user}`);
    await world.endSessions();
    const order = await world.prepare(plain, { target: 'clean-replay', login });
    await world.phase(plain, 'replace', order);
    expect(await notesOf(plain, order.run)).toContain(`Everything that the dump made belongs to ${world.owner} now, as the database does`);
    expect(await ownersOf(`'apart', 'apart_id_seq'`)).toEqual([other]);
    expect(await ownersOf(`'of_login', 'of_login_id_seq'`)).toEqual([login.user]);
    expect(await ask('SELECT pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata WHERE oid = 4711')).toEqual([
      { owner: login.user },
    ]);
    expect(await world.properties()).toEqual(before);
    await ask('DROP TABLE apart, of_login; SELECT lo_unlink(4711)');
    expect(await owners()).toEqual([world.owner]);
  });

  it.each([
    ['what refuses it is named', 'P0001', (login: string) => `; but this stays with ${login}: view public.seen`],
    ['it is said that nobody knows', '53200', (login: string) => `may still belong to ${login}, as it could not be given`],
  ])('cannot be given: the database stands all the same, and %s', async (_, state, said) => {
    const login = await makeMember();
    await ask(`
      CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '${state}'; END $$;
      CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER VIEW') EXECUTE FUNCTION no()`);
    await world.endSessions();
    const order = await world.prepare(plain, { target: 'clean-replay', login });
    await world.phase(plain, 'replace', order);
    expect(await notesOf(plain, order.run)).toEqual(expect.arrayContaining([expect.stringContaining(said(login.user)) as string]));
    await ask(`DROP EVENT TRIGGER no; DROP FUNCTION no(); ALTER VIEW seen OWNER TO ${world.owner}`);
  });
});
