/** What stands in the way of replacing a database, made on a real server: named before anything is touched, all at once. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RestoreTarget } from '../../../../core/restore/target.ts';
import { connectToTestServer, uniqueSuffix } from '../../../helpers/servers.ts';
import type { MadePoint } from '../../drill/fixture.ts';
import { openSwapWorld, type SwapOver, type SwapWorld } from './world.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';

sampleTests('obstacles of a replacement', 0.5);

let world: SwapWorld;
let point: MadePoint;
let clean: MadePoint;
let login: { user: string; password: string };
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  world = await openSwapWorld();
  const restore = { secret: 'restores', noOwner: true, noPrivileges: true };
  point = await world.point({ dump: { format: 'custom' }, over: { restore } });
  clean = await world.point({ dump: { format: 'plain', cleanIfExists: true, noOwner: true }, over: { restore } });
  login = { user: await world.makeRole('LOGIN CREATEDB'), password: 'secret' };
  await world.admin.query(`GRANT ${world.owner} TO ${login.user}`);
}, 60_000);
afterAll(() => world.close());
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const look = (over: SwapOver = {}, of = point) => world.failed(of, 'preflight', over);

/** Nothing of the database is another than before. */
async function untouched(work: () => Promise<unknown>): Promise<void> {
  const [properties, names] = [await world.properties(), await world.names()];
  await work();
  expect([await world.properties(), await world.names()]).toEqual([properties, names]);
}

it('finds none where there is none', async () => {
  // That which made the tables is a superuser's.
  await world.endSessions();
  expect(await look({ login })).toBeUndefined();
  expect(await look({ target: 'drop-and-create', login })).toBeUndefined();
});

it('a session of a superuser, which a login that is none cannot end', async () => {
  const session = await connectToTestServer(world.database);
  session.on('error', () => undefined);
  undo.push(() => session.end());
  const end = await look({ login });
  expect(end).toMatchObject({
    failure: 'TargetRefused',
    message: expect.stringMatching(/may not end the session \d+ of \S+, a superuser/) as string,
  });
  expect(end?.advice).toMatch(/pg_terminate_backend\(\d+\)/);
  // A superuser ends it.
  expect(await look()).toBeUndefined();
});

it('a session of somebody else, for a login that may end nobody’s', async () => {
  const session = await connectToTestServer(world.database);
  session.on('error', () => undefined);
  undo.push(() => session.end());
  await session.query(`SET SESSION AUTHORIZATION ${world.reader}`);
  // The session still is the superuser’s who logged in: what counts is who that was.
  expect((await look({ login }))?.message).toContain('may not end the session');
});

it('is none: a worker of autovacuum, of which a login that is no superuser is shown no more than that it is there', async () => {
  const inside = await connectToTestServer(world.database);
  // Slow enough to be met at work.
  await inside.query(
    `CREATE TABLE vacuumed WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1) AS SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i`,
  );
  await inside.query('DELETE FROM vacuumed WHERE i % 2 = 0');
  await inside.end();
  undo.push(async () => {
    const again = await connectToTestServer(world.database);
    await again.query('DROP TABLE vacuumed');
    await again.end();
  });
  await world.admin.query(`ALTER SYSTEM SET autovacuum_naptime = '1s'`);
  undo.push(async () => {
    await world.admin.query('ALTER SYSTEM RESET autovacuum_naptime');
    await world.admin.query('SELECT pg_reload_conf()');
  });
  await world.admin.query('SELECT pg_reload_conf()');
  const worker = async () =>
    (
      await world.admin.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'autovacuum worker' AND query LIKE '%vacuumed%'`,
        [world.database],
      )
    ).rows[0]?.pid;
  await expect.poll(worker, { timeout: 30_000, interval: 100 }).toBeDefined();
  const there = await worker();
  await world.endSessions();
  for (const target of ['in-place', 'drop-and-create'] as const) expect(await look({ target, login })).toBeUndefined();
  expect(await worker()).toBe(there);
});

it('a replication slot, a prepared transaction and a subscription', async () => {
  const slot = `slot_${uniqueSuffix()}`;
  const inside = await connectToTestServer(world.database);
  undo.push(() => inside.end());
  const { rows } = await inside.query<{ level: string; prepared: string }>(
    `SELECT current_setting('wal_level') AS level, current_setting('max_prepared_transactions') AS prepared`,
  );
  expect(rows[0]).toEqual({ level: 'logical', prepared: expect.stringMatching(/^[1-9]/) as string });
  await inside.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  undo.push(() => world.admin.query(`SELECT pg_drop_replication_slot('${slot}')`));
  await inside.query(`BEGIN; CREATE TABLE pending (id int); PREPARE TRANSACTION '${slot}'`);
  undo.push(async () => {
    const again = await connectToTestServer(world.database);
    await again.query(`ROLLBACK PREPARED '${slot}'`);
    await again.end();
  });
  await inside.query(`CREATE SUBSCRIPTION ${slot} CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)`);
  await inside.query(`ALTER SUBSCRIPTION ${slot} SET (slot_name = '${slot}'); ALTER SUBSCRIPTION ${slot} ENABLE`);
  undo.push(async () => {
    const again = await connectToTestServer(world.database);
    await again.query(`ALTER SUBSCRIPTION ${slot} DISABLE`);
    await again.query(`ALTER SUBSCRIPTION ${slot} SET (slot_name = NONE)`);
    await again.query(`DROP SUBSCRIPTION ${slot}`);
    await again.end();
  });
  await untouched(async () => {
    for (const target of ['in-place', 'drop-and-create'] as const) {
      const end = await look({ target });
      expect(end?.failure).toBe('TargetRefused');
      const subscribed = target === 'in-place' ? `the subscriptions ${slot}` : `has subscriptions, and it has ${slot}`;
      for (const named of [`the replication slot ${slot}`, `the prepared transaction "${slot}"`, subscribed])
        expect(end?.message).toContain(named);
      expect(end?.advice).toContain(`pg_drop_replication_slot('${slot}')`);
      expect(end?.advice).toContain(`ROLLBACK PREPARED '${slot}'`);
    }
    // One that is disabled keeps a database from being dropped, and nothing else.
    await inside.query(`ALTER SUBSCRIPTION ${slot} DISABLE`);
    expect((await look())?.message).not.toContain('subscriptions');
    expect(await look({ target: 'drop-and-create' })).toMatchObject({
      message: expect.stringContaining(`has subscriptions, and it has ${slot}`) as string,
      advice: expect.stringContaining(`DROP SUBSCRIPTION "${slot}"`) as string,
    });
    // A phase that replaces looks again: what came since is found before the first step.
    expect((await world.failed(point, 'replace', { target: 'drop-and-create' }))?.message).toContain(slot);
    expect((await world.failed(clean, 'replace', { target: 'clean-replay' }))?.message).toContain(`the prepared transaction "${slot}"`);
  });
});

describe('a login that may too little', () => {
  it.each<[string, (user: string) => string, RestoreTarget[], RegExp]>([
    [
      'CREATEDB',
      (user) => `ALTER ROLE ${user} NOCREATEDB`,
      ['in-place', 'drop-and-create'],
      /may (neither create nor rename|not create) a database/,
    ],
    [
      'the rights of the owner',
      (user) => `REVOKE ${world.owner} FROM ${user}`,
      ['in-place', 'drop-and-create', 'clean-replay'],
      /may not do what the owner/,
    ],
  ])('lacks %s', async (_, take, targets, named) => {
    const user = await world.makeRole('LOGIN CREATEDB');
    await world.admin.query(`GRANT ${world.owner} TO ${user}`);
    await world.admin.query(take(user));
    for (const target of targets) {
      const end = await look({ target, login: { user, password: 'secret' } }, target === 'clean-replay' ? clean : point);
      expect(end?.failure).toBe('TargetRefused');
      expect(end?.message).toMatch(named);
    }
  });
});

it('a database that is not there, that is a template, or that somebody has closed', async () => {
  expect((await look({ order: { database: `none_${uniqueSuffix()}` } }))?.message).toContain('there is no database');
  await world.admin.query(`ALTER DATABASE ${world.database} IS_TEMPLATE true`);
  undo.push(() => world.admin.query(`ALTER DATABASE ${world.database} IS_TEMPLATE false`));
  expect((await look())?.message).toContain('is a template');
  await world.admin.query(`ALTER DATABASE ${world.database} ALLOW_CONNECTIONS false`);
  undo.push(() => world.admin.query(`ALTER DATABASE ${world.database} ALLOW_CONNECTIONS true`));
  expect((await look())?.message).toContain('somebody has closed the database');
});

describe('a disk that is too small', () => {
  const looked = (volumeGiB: number, target: RestoreTarget, of = point) => {
    const asset = { ...of.asset, restore: { ...of.asset.restore!, volumeGiB } };
    return look({ target, order: { asset } }, of);
  };
  const usedGiB = async () => {
    const { rows } = await world.admin.query<{ used: string }>('SELECT sum(pg_database_size(oid))::text AS used FROM pg_database');
    return Number(rows[0]?.used) / 1024 ** 3;
  };

  it('is found by every target before anything is touched, where the plan says how big it is', async () => {
    await untouched(async () => {
      for (const [target, of] of [
        ['in-place', point],
        ['clean-replay', clean],
      ] as const) {
        const end = await looked(0.001, target, of);
        expect(end).toMatchObject({
          failure: 'TargetRefused',
          message: expect.stringMatching(/needs \d+ MiB .*`restore.volumeGiB`\) 0 MiB are left/) as string,
        });
      }
      expect((await looked(0.001, 'in-place'))?.advice).toContain('--target drop-and-create');
      // Other suites make databases on the same server meanwhile.
      expect(await looked((await usedGiB()) + 1000, 'in-place')).toBeUndefined();
    });
  });
});

it('names everything at once, with what to do about each', async () => {
  const user = await world.makeRole('LOGIN');
  await world.admin.query(`ALTER DATABASE ${world.database} IS_TEMPLATE true`);
  undo.push(() => world.admin.query(`ALTER DATABASE ${world.database} IS_TEMPLATE false`));
  const session = await connectToTestServer(world.database);
  session.on('error', () => undefined);
  undo.push(() => session.end());
  const end = await look({ login: { user, password: 'secret' } });
  for (const named of ['may not do what the owner', 'may not create a database', 'is a template', 'may not end the session'])
    expect(end?.message).toContain(named);
  expect(end?.advice.split('. ').length).toBeGreaterThan(3);
});
