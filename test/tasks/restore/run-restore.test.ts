import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describeEnd } from '../../../tasks/run-task.ts';
import { runRestore, type RestoreOrder, type RestorePorts } from '../../../tasks/restore/run-restore.ts';
import { freshDatabase, rootS3, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { loginTo } from '../dump/ports.ts';
import { makePoint, searchPath, SYSTEM, type MadePoint } from '../drill/fixture.ts';

let source: FreshDatabase;
let custom: MadePoint;
let plain: MadePoint;
let scratchDir: string;
const made: string[] = [];
const roles: string[] = [];
const owner = `app_${uniqueSuffix()}`;

beforeAll(async () => {
  source = await freshDatabase('restore');
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-restore-'));
  const client = await source.connect();
  await client.query(`
    CREATE ROLE ${owner} NOLOGIN;
    CREATE TABLE t (id serial PRIMARY KEY, text text);
    ALTER TABLE t OWNER TO ${owner};
    INSERT INTO t (text) SELECT repeat(md5(i::text), 20) FROM generate_series(1, 20000) i;
  `);
  custom = await makePoint(source, { dump: { format: 'custom' } });
  plain = await makePoint(source, { dump: { format: 'plain' } });
});
afterAll(async () => {
  const client = await source.connect();
  for (const name of made) await client.query(`DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`);
  await client.query(`DROP TABLE t; DROP ROLE IF EXISTS ${[owner, ...roles].join(', ')}`);
  await source.drop();
  rmSync(scratchDir, { recursive: true, force: true });
});
// Whatever happened, the scratch directory is empty: no archive, no password.
beforeEach(() => () => expect(readdirSync(scratchDir)).toEqual([]));

const fresh = (name = 'restored') => {
  const database = `${name}_${uniqueSuffix()}`;
  made.push(database);
  return database;
};
const restore = (
  point: MadePoint,
  database: string,
  over: { order?: Partial<RestoreOrder>; ports?: Partial<RestorePorts>; login?: Partial<SourceLogin>; signal?: AbortSignal } = {},
) =>
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
  );
/** A role of the server, gone with everything that it owns when the tests are. */
async function makeRole(options: string): Promise<string> {
  const user = `role_${uniqueSuffix()}`;
  await (await source.connect()).query(`CREATE ROLE ${user} ${options} PASSWORD 'secret'`);
  roles.push(user);
  return user;
}
const failureOf = (work: Promise<unknown>) => work.then(() => ({ failure: 'none', message: '', advice: '' }), describeEnd);
async function exists(database: string): Promise<boolean> {
  const client = await source.connect();
  return (await client.query('SELECT FROM pg_database WHERE datname = $1', [database])).rowCount === 1;
}
const countIn = async (database: string) => {
  const client = await source.connect();
  const { rows } = await client.query<{ acl: string }>('SELECT datacl::text AS acl FROM pg_database WHERE datname = $1', [database]);
  return rows[0]?.acl ?? '';
};

describe('runRestore', () => {
  it.each(['custom', 'plain'] as const)('makes a new database from a %s dump', async (format) => {
    const database = fresh();
    const result = await restore(format === 'custom' ? custom : plain, database);
    expect(result).toMatchObject({ database, point: '20260601T020000Z' });
    expect(result.bytesRestored).toBeGreaterThan(10_000);
    expect(await exists(database)).toBe(true);
    // The public may not enter.
    expect(await countIn(database)).not.toMatch(/(^|,|\{)=/);
  });

  it('gives the new database the settings of its source, the forbidding ones too, and says which it did not set', async () => {
    const database = fresh();
    const client = await source.connect();
    const settings = async (name: string) =>
      (
        await client.query<{ line: string }>(
          `SELECT coalesce(rolname, '') || ' ' || array_to_string(ARRAY(SELECT unnest(setconfig) ORDER BY 1), ' ') AS line FROM pg_db_role_setting s
           JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE datname = $1 ORDER BY 1`,
          [name],
        )
      ).rows.map(({ line }) => line);
    const sets = [
      `SET work_mem = '5MB'`,
      `SET search_path = "$user", app, "odd, name"`,
      `SET default_transaction_read_only = on`,
      `SET session_preload_libraries = 'auto_explain'`,
    ];
    for (const set of sets) await client.query(`ALTER DATABASE ${source.database} ${set}`);
    await client.query(
      `ALTER ROLE ${owner} IN DATABASE ${source.database} SET statement_timeout = '7s'; ALTER ROLE ${owner} SET work_mem = '6MB'`,
    );
    const expected = await settings(source.database);
    const point = await makePoint(source, { dump: { format: 'custom' } });
    await client.query(`ALTER DATABASE ${source.database} RESET ALL; ALTER ROLE ${owner} RESET ALL`);

    const { notes } = await restore(point, database);
    expect(await settings(database)).toEqual(expected.map((line) => line.replace(' session_preload_libraries=auto_explain', '')));
    expect(notes.filter((note) => note.includes('set'))).toEqual([
      expect.stringMatching(/session_preload_libraries .*loads code/),
      // Other suites set some on this server, too.
      expect.stringMatching(/^\d+ settings of roles hold in every database/),
    ]);
    const login = await makeRole('LOGIN CREATEDB');
    const limited = fresh();
    await client.query(`GRANT ${owner} TO ${login}`);
    const without = await restore(point, limited, { login: { user: login, password: 'secret' } });
    expect(without.notes).toContainEqual(
      expect.stringMatching(/^The setting statement_timeout was not set for the database \(SQLSTATE 42501\)/),
    );
    expect(await settings(limited)).toHaveLength(1);
  });

  it.each([`it’s "quoted" o'brien`, 'naïve-Ünïcode-数据', 'a=b host=elsewhere', String.raw`-f back\slash %I $1`])(
    'makes a database called %s',
    async (name) => {
      const database = `${name} ${uniqueSuffix()}`;
      made.push(database);
      await restore(custom, database);
      expect(await exists(database)).toBe(true);
    },
  );

  it.each([
    ['', 'empty'],
    ['x'.repeat(64), '64 bytes'],
    ['数'.repeat(22), '66 bytes'],
    ['a\u0000b', 'control'],
    ['a\nb', 'control'],
    ['a\u200bb', 'invisible'],
    [' a', 'space'],
    ['\ud800', 'not valid text'],
  ])('refuses the name %j before anything else', async (database, why) => {
    const end = await failureOf(restore(custom, database));
    expect(end.failure).toBe('BadInput');
    expect(end.message).toContain(why);
  });

  it('refuses a database that exists', async () => {
    expect(await failureOf(restore(custom, source.database))).toMatchObject({ failure: 'TargetNotEmpty' });
    expect(await exists(source.database)).toBe(true);
    expect(await failureOf(restore(custom, 'template1'))).toMatchObject({ failure: 'TargetNotEmpty' });
  });

  it('refuses a wrong password and a server that is not there', async () => {
    const user = await makeRole('LOGIN');
    const database = fresh();
    expect(await failureOf(restore(custom, database, { login: { user, password: 'wrong' } }))).toMatchObject({ failure: 'TargetRefused' });
    expect(await failureOf(restore(custom, database, { login: { port: 1 } }))).toMatchObject({ failure: 'TargetUnreachable' });
    expect(await exists(database)).toBe(false);
  });

  it('finds damaged bytes before anything is written', async () => {
    const damaged = await makePoint(source, { dump: { format: 'plain' } });
    const object = damaged.manifest.objects.find((candidate) => candidate.role === 'dump');
    const s3 = rootS3();
    await s3.send(new DeleteObjectCommand({ Bucket: damaged.bucket, Key: object?.key, VersionId: object?.versionId }));
    s3.destroy();
    const database = fresh();
    const said: string[] = [];
    expect(await failureOf(restore(damaged, database, { ports: { report: (event) => said.push(event) } }))).toMatchObject({
      failure: 'PointDamaged',
    });
    expect(said.some((event) => event.includes('is made'))).toBe(false);
    expect(await exists(database)).toBe(false);
  });

  it.each(['custom', 'plain'] as const)('drops the half-made database when it is told to stop (%s)', async (format) => {
    const database = fresh();
    const abort = new AbortController();
    const said: string[] = [];
    const report = (event: string) => {
      said.push(event);
      if (event.includes('is made')) void setTimeout(60).then(() => abort.abort(new Error('told to stop')));
    };
    await expect(restore(format === 'custom' ? custom : plain, database, { ports: { report }, signal: abort.signal })).rejects.toThrow(
      'told to stop',
    );
    expect(await exists(database)).toBe(false);
    expect(said.at(-1)).toContain('is dropped');
  });

  it('drops the half-made database when the server ends the session', async () => {
    const database = fresh();
    const client = await source.connect();
    let killing: Promise<void> | undefined;
    const ended = new AbortController();
    const killSessions = async () => {
      while (!ended.signal.aborted) {
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database]);
        await setTimeout(5);
      }
    };
    const report = (event: string) => {
      if (event.includes('is made')) killing ??= killSessions();
    };
    expect(await failureOf(restore(plain, database, { ports: { report } }))).toMatchObject({ failure: 'TargetUnreachable' });
    ended.abort();
    await killing;
    expect(await exists(database)).toBe(false);
  });
});
