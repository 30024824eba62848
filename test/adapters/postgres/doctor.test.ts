/**
 * Doctor against a real database that a plain role cannot dump: other owners' large objects, forced row-level security, closed
 * schemas and sequences. pg_dump is the judge: it succeeds for a role exactly when doctor has no error for it.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToSource, type SourceConnection } from '../../../adapters/postgres/connection.ts';
import { inspectDatabase } from '../../../adapters/postgres/doctor.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { grantStatements } from '../../../core/doctor/grants.ts';
import { judgeDatabase } from '../../../core/doctor/judge.ts';
import type { DatabaseFacts } from '../../../core/doctor/facts.ts';
import { database as assetOf } from '../../core/doctor/facts-fixture.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { startFakePooler } from './fake-pooler.ts';

const run = promisify(execFile);
const id = uniqueSuffix();
const APP = `app_${id}`;
const OTHER = `Other "${id}`;
const PASSWORD = 'nothing-secret';
const q = (name: string) => `"${name.replaceAll('"', '""')}"`;
const isSoak = process.env['HOLDFAST_SOAK'] === '1';

let database: FreshDatabase;
let root: Client;
let scratch: string;
const readers: string[] = [];

beforeAll(async () => {
  database = await freshDatabase('doctor');
  root = await database.connect();
  scratch = mkdtempSync(join(tmpdir(), 'doctor-'));
  await root.query(`CREATE ROLE ${q(APP)} LOGIN PASSWORD '${PASSWORD}'; CREATE ROLE ${q(OTHER)} NOLOGIN;
    REVOKE CONNECT, TEMPORARY ON DATABASE ${database.database} FROM PUBLIC;
    CREATE SCHEMA app AUTHORIZATION ${q(APP)}; CREATE SCHEMA "Odd schema" AUTHORIZATION ${q(OTHER)};
    SET ROLE ${q(APP)};
    CREATE TABLE app.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text, note text);
    INSERT INTO app.orders (tenant, note) SELECT 'a', 'order ' || i FROM generate_series(1, 50) i;
    ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY; ALTER TABLE app.orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON app.orders USING (tenant = current_user);
    CREATE TABLE app.events (at date, what text) PARTITION BY RANGE (at);
    CREATE TABLE app.events_2026 PARTITION OF app.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE MATERIALIZED VIEW app.totals AS SELECT count(*) FROM app.events;
    SELECT lo_from_bytea(0, 'of app');
    RESET ROLE; SET ROLE ${q(OTHER)};
    CREATE TABLE "Odd schema"."Odd ""table" (a int); CREATE SEQUENCE "Odd schema".receipts;
    CREATE VIEW "Odd schema".nothing AS SELECT 1;
    SELECT lo_from_bytea(0, 'of other one'), lo_from_bytea(0, 'of other two');
    RESET ROLE;`);
});

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await database.drop();
  const cleaner = await freshDatabase('doctor_end');
  const client = await cleaner.connect();
  for (const role of [...readers, APP, OTHER]) await client.query(`DROP ROLE IF EXISTS ${q(role)}`);
  await cleaner.drop();
});

const login = (user: string, password = PASSWORD): SourceLogin => ({
  host: database.host,
  port: database.port,
  database: database.database,
  user,
  password,
  tls: { mode: 'verify-full', ca: database.ca },
});

async function inspected(as: SourceLogin, readerName?: string): Promise<DatabaseFacts> {
  const connection: SourceConnection = await connectToSource(as, 'doctor test');
  try {
    return await inspectDatabase(connection, { readerName });
  } finally {
    await connection.end();
  }
}
const asRoot = (readerName?: string) => inspected(login(database.user, database.password), readerName);

const asset = () => assetOf((asset) => void Object.assign(asset.source, { postgresMajor: database.major }));
const errorsOf = (facts: DatabaseFacts) =>
  judgeDatabase(facts, asset())
    .filter(({ severity }) => severity === 'error')
    .map(({ path }) => path);

function newReader(): string {
  const name = `Reader ${readers.length} "of" ${id}`;
  readers.push(name);
  return name;
}

/** What doctor printed, run as the administrator runs it, and a password, which doctor never prints. */
async function apply(statements: readonly string[], reader: string): Promise<void> {
  for (const statement of statements) await root.query(statement);
  await root.query(`ALTER ROLE ${q(reader)} PASSWORD '${PASSWORD}'`);
}

async function dumps(reader: string): Promise<boolean> {
  const environment = { ...database.libpq, PGUSER: reader, PGPASSWORD: PASSWORD, PATH: process.env['PATH'] ?? '' };
  try {
    await run(join(database.binDir, 'pg_dump'), ['--format=custom', `--file=${join(scratch, 'dump')}`], { env: environment });
    return true;
  } catch {
    return false;
  }
}

describe('a role that does not exist', () => {
  it('is found missing, and told apart from the one that asks', async () => {
    const facts = await asRoot('nobody at all');
    expect(facts.reader).toMatchObject({ name: 'nobody at all', exists: false, canLogin: false, readsAllData: false, canConnect: false });
    expect(facts.connection.user).toBe(database.user);
    expect(errorsOf(facts)).toEqual(['reader']);
    expect(facts.largeObjects).toMatchObject({ total: 3, unreadable: { length: 3 } });
    expect(facts.rowSecurity).toEqual([{ schema: 'app', name: 'orders', kind: 'table', owner: APP }]);
  });
});

describe.each([{ explicit: false }, { explicit: true }])('the printed grants ($explicit: schema by schema)', ({ explicit }) => {
  it('let a new role dump everything, and nothing is left to print', async () => {
    const reader = newReader();
    await root.query(
      `CREATE ROLE ${q(reader)} LOGIN PASSWORD '${PASSWORD}'; GRANT CONNECT ON DATABASE ${database.database} TO ${q(reader)}`,
    );
    expect(await dumps(reader)).toBe(false);
    const before = await inspected(login(reader));
    expect(errorsOf(before)).toEqual(['schemas', 'tables', 'sequences', 'rowSecurity', 'largeObjects']);

    await apply(grantStatements(before, { explicit }), reader);
    expect(await dumps(reader)).toBe(true);
    const after = await inspected(login(reader));
    expect(errorsOf(after)).toEqual([]);
    expect(grantStatements(after, { explicit })).toEqual([]);
    expect(after.reader).toMatchObject({ writableTables: 0, excessAttributes: [] });
  });

  it('make a role from nothing, and whole: the dump has every row and large object', async () => {
    const reader = newReader();
    await apply(grantStatements(await asRoot(reader), { explicit }), reader);
    expect(await dumps(reader)).toBe(true);
    const { stdout } = await run(join(database.binDir, 'pg_restore'), ['--file=-', join(scratch, 'dump')]);
    expect(stdout.match(/^\d+\ta\torder \d+$/gm)).toHaveLength(50);
    expect(stdout.match(/lowrite/g)).toHaveLength(3);
    expect(stdout).toContain('CREATE TABLE "Odd schema"."Odd ""table"');
  });

  it('give no right to write', async () => {
    const reader = newReader();
    await apply(grantStatements(await asRoot(reader), { explicit }), reader);
    const client = await database.connect({ user: reader, password: PASSWORD });
    for (const sql of [
      'DELETE FROM app.orders',
      'UPDATE "Odd schema"."Odd ""table" SET a = 1',
      'CREATE TABLE app.mine ()',
      `SELECT setval('"Odd schema".receipts', 9)`,
    ]) {
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('cover what is made later, as far as PostgreSQL can', async () => {
    const reader = newReader();
    await apply(grantStatements(await asRoot(reader), { explicit }), reader);
    await root.query(`SET ROLE ${q(APP)}; CREATE TABLE app.later_${explicit} (a serial); SELECT lo_from_bytea(0, 'later'); RESET ROLE`);
    const facts = await inspected(login(reader));
    expect(facts.unreadable).toEqual([]);
    expect(errorsOf(facts)).toEqual(database.major >= 18 ? [] : ['largeObjects']);
    expect(await dumps(reader)).toBe(database.major >= 18);
    await root.query(`DROP TABLE app.later_${explicit}; SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE lo_get(oid) = 'later'`);
  });
});

describe('doctor and pg_dump', () => {
  it('agree, whichever of the grants are applied', async () => {
    const random = seededRandom('doctor: subsets of the grants');
    for (let round = 0; round < (isSoak ? 60 : 6); round++) {
      const reader = newReader();
      const statements = grantStatements(await asRoot(reader), { explicit: round % 2 === 1 });
      // The role itself must be there, or there is nobody to dump.
      const chosen = statements.filter((_, i) => i === 0 || random.below(6) > 0);
      await apply(chosen, reader);
      const expected = errorsOf(await asRoot(reader)).length === 0;
      expect({ chosen, dumps: await dumps(reader) }).toEqual({ chosen, dumps: expected });
    }
  });

  it('agree when a single right is taken away', async () => {
    const reader = newReader();
    await apply(grantStatements(await asRoot(reader), { explicit: true }), reader);
    const { rows } = await root.query<{ oid: string }>('SELECT oid::text FROM pg_largeobject_metadata LIMIT 1');
    const rights = [
      [`REVOKE USAGE ON SCHEMA app FROM ${q(reader)}`, `GRANT USAGE ON SCHEMA app TO ${q(reader)}`],
      [`REVOKE SELECT ON app.events_2026 FROM ${q(reader)}`, `GRANT SELECT ON app.events_2026 TO ${q(reader)}`],
      [
        `REVOKE SELECT ON SEQUENCE "Odd schema".receipts FROM ${q(reader)}`,
        `GRANT SELECT ON SEQUENCE "Odd schema".receipts TO ${q(reader)}`,
      ],
      [`ALTER ROLE ${q(reader)} NOBYPASSRLS`, `ALTER ROLE ${q(reader)} BYPASSRLS`],
      [`ALTER ROLE ${q(reader)} NOLOGIN`, `ALTER ROLE ${q(reader)} LOGIN`],
      [
        `REVOKE CONNECT ON DATABASE ${database.database} FROM ${q(reader)}`,
        `GRANT CONNECT ON DATABASE ${database.database} TO ${q(reader)}`,
      ],
      [`REVOKE SELECT ON LARGE OBJECT ${rows[0]?.oid} FROM ${q(reader)}`, `GRANT SELECT ON LARGE OBJECT ${rows[0]?.oid} TO ${q(reader)}`],
    ] as const;
    for (const [takeAway, giveBack] of rights) {
      await root.query(takeAway);
      expect([takeAway, await dumps(reader), errorsOf(await asRoot(reader)).length]).toEqual([takeAway, false, 1]);
      await root.query(giveBack);
    }
    expect([await dumps(reader), errorsOf(await asRoot(reader))]).toEqual([true, []]);
  });
});

describe('the facts', () => {
  it('of the owner of a table leave out what only policies of others hide', async () => {
    const facts = await asRoot(APP);
    // FORCE ROW LEVEL SECURITY: even the owner sees a part.
    expect(facts.rowSecurity).toHaveLength(1);
    await root.query('ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY');
    expect((await asRoot(APP)).rowSecurity).toEqual([]);
    await root.query('ALTER TABLE app.orders FORCE ROW LEVEL SECURITY');
    expect(facts.reader.writableTables).toBeGreaterThan(0);
  });

  it('of a superuser need nothing', async () => {
    const facts = await asRoot();
    expect(facts.reader).toMatchObject({ isSuperuser: true, readsAllData: true, canConnect: true });
    expect([facts.unreadable, facts.rowSecurity, facts.largeObjects.unreadable, grantStatements(facts)]).toEqual([[], [], [], []]);
    expect(facts.connection).toMatchObject({ tls: expect.stringMatching(/^TLSv1/), isPooled: false, poolers: [] });
    expect(facts.server).toMatchObject({ isInRecovery: false, defaultReadOnly: false });
    expect(Math.floor(facts.server.versionNum / 10_000)).toBe(database.major);
    expect(Math.abs(facts.inspectedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('tell the limits, dates and settings of a role', async () => {
    const reader = newReader();
    await root.query(`CREATE ROLE ${q(reader)} LOGIN CREATEDB CONNECTION LIMIT 2 PASSWORD '${PASSWORD}' VALID UNTIL '2030-01-02T03:04:05Z';
      GRANT CONNECT ON DATABASE ${database.database} TO ${q(reader)};
      ALTER ROLE ${q(reader)} SET statement_timeout = '5min'; ALTER ROLE ${q(reader)} SET default_transaction_read_only = on;`);
    const facts = await inspected(login(reader));
    expect(facts.reader).toMatchObject({
      connectionLimit: 2,
      validUntil: new Date('2030-01-02T03:04:05Z'),
      excessAttributes: ['CREATEDB'],
    });
    expect(facts.server).toMatchObject({ timeoutsMs: { statement_timeout: 300_000 }, defaultReadOnly: true });
    expect(grantStatements(facts)[0]).toBe('SET default_transaction_read_only = off;');
  });

  it('find unlogged tables, extensions and sessions of poolers', async () => {
    await root.query('CREATE UNLOGGED TABLE public.fleeting (a int)');
    const pooler = await connectToSource(login(database.user, database.password), 'PgBouncer - main');
    const facts = await asRoot();
    await pooler.end();
    await root.query('DROP TABLE public.fleeting');
    expect(facts.content.unloggedTables).toBe(1);
    expect(facts.content.extensions.map(({ name }) => name)).toEqual(['plpgsql']);
    expect(facts.connection.poolers).toEqual(['PgBouncer']);
  });

  it('find a pooler in between', async () => {
    const pooler = await startFakePooler({ host: database.host, port: database.port, ca: database.ca });
    const facts = await inspected({
      ...login(database.user, database.password),
      port: pooler.port,
      tls: { mode: 'disable', ca: undefined },
    });
    await pooler.close();
    expect(facts.connection.isPooled).toBe(true);
    expect(errorsOf(facts)).toContain('connection');
  });

  it('are read without writing, by any role that may connect', async () => {
    const reader = newReader();
    await root.query(
      `CREATE ROLE ${q(reader)} LOGIN PASSWORD '${PASSWORD}'; GRANT CONNECT ON DATABASE ${database.database} TO ${q(reader)}`,
    );
    const queries: string[] = [];
    const connection = await connectToSource(login(reader), 'doctor test');
    const watched: SourceConnection = {
      ...connection,
      query: (tried, sql, values) => (queries.push(sql), connection.query(tried, sql, values)),
    };
    await inspectDatabase(watched);
    const [left] = await connection.query<{ in_transaction: boolean; timeout: string }>(
      'look at what is left',
      `SELECT now() <> statement_timestamp() AS in_transaction, current_setting('statement_timeout') AS timeout`,
    );
    await connection.end();
    expect(queries[0]).toBe('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    expect(queries.at(-1)).toBe('ROLLBACK');
    expect(left).toEqual({ in_transaction: false, timeout: '0' });
  });
});
