/** Before a database is replaced for good: that its safety backup is of this very database, and has all that was written to it. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { withLibpqAccess } from '../../../../adapters/postgres/libpq.ts';
import { readManifest } from '../../../../adapters/vault/read-records.ts';
import { runPsql } from '../../../../tasks/restore/run-psql.ts';
import { watchAlone } from '../../../../tasks/restore/swap/watch-alone.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';
import { connectToTestServer, freshDatabase } from '../../../helpers/servers.ts';
import { makePoint, searchPath, SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo, SMALL_SEGMENTS } from '../../dump/ports.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

sampleTests('replacements that a safety backup does not allow', 0.12);

let world: SwapWorld;
let properties: Awaited<ReturnType<SwapWorld['properties']>>;
let rows: number;
const points = {} as Record<'drop-and-create' | 'clean-replay', MadePoint>;
const TARGETS = ['drop-and-create', 'clean-replay'] as const;

beforeAll(async () => {
  world = await openSwapWorld();
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  points['drop-and-create'] = await world.point({ dump: { format: 'custom' }, over });
  points['clean-replay'] = await world.point({ dump: { format: 'plain', cleanIfExists: true }, over });
  properties = await world.properties();
  rows = await countRows();
}, 60_000);
afterAll(() => world.close());
// Whatever is refused here leaves the database as it was, with nothing of a restore's in its comment, and takes connections.
afterEach(async () => {
  expect(await world.properties()).toEqual(properties);
  expect(await countRows()).toBeGreaterThanOrEqual(rows);
});

async function within<T>(work: (client: Awaited<ReturnType<typeof connectToTestServer>>) => Promise<T>): Promise<T> {
  const client = await connectToTestServer(world.database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const change = (sql: string) => within((client) => client.query(sql));
const countRows = () =>
  within(async (client) => Number((await client.query<{ n: string }>('SELECT count(*) AS n FROM logins')).rows[0]!.n));

describe.each(TARGETS)('the safety backup before %s', (target) => {
  it('has seen the mark of this restore, in every format', async () => {
    const point = points[target];
    const { run, safety } = await world.prepare(point, { target });
    const paper = await world.prepared(point, run);
    const others = await Promise.all(
      (['plain', 'segmented'] as const).map(async (format) => makePoint(world.source, { dump: { format }, limits: SMALL_SEGMENTS })),
    );
    const { manifest } = await readManifest(point.reader, { system: SYSTEM, asset: point.asset.id, point: safety });
    for (const { source } of [manifest, ...others.map((one) => one.manifest)]) expect(source.mark).toBe(paper?.mark);
    expect(paper?.mark).toMatch(new RegExp(`^${run}/`));
    // A failure of any kind takes it away again.
    await world.failed(point, 'replace', { run, target, safety: '' });
  });

  it('that is of another database, of another time, or not there is refused before anything is touched', async () => {
    const point = points[target];
    const other = await freshDatabase('elsewhere');
    try {
      await (await other.connect()).query('CREATE TABLE t AS SELECT 1 AS id');
      const elsewhere = await world.save(point, other);
      const unmarked = await world.save(point);
      for (const safety of [elsewhere, unmarked]) {
        const { run } = await world.prepare(point, { target });
        const end = await world.failed(point, 'replace', { run, target, safety });
        expect(end?.failure).toBe('TargetRefused');
        expect(end?.message).toContain(`the safety backup ${safety} is of another database`);
        expect(end?.message).toContain('nothing was replaced');
      }
      const { safety } = await world.prepare(point, { target });
      const { run } = await world.prepare(point, { target });
      const late = await world.failed(point, 'replace', { run, target, safety });
      expect(late?.message).toContain(`the safety backup ${safety} is of another database`);
      const none = await world.failed(point, 'replace', { run: newRun(), target });
      expect(none?.message).toContain(`nobody has saved the database "${world.database}"`);
    } finally {
      await other.drop();
    }
  });

  it.each([
    ['a row', 'INSERT INTO users VALUES (100001, $$late$$)', 'DELETE FROM users WHERE id > 100000', 'public.users'],
    ['a change of a row', 'UPDATE users SET name = name WHERE id = 1', 'SELECT', 'public.users'],
    ['the loss of all rows', 'CREATE TABLE emptied (id int)', 'DROP TABLE emptied', 'definitions'],
    ['a large object', `SELECT lo_from_bytea(4711, 'late')`, 'SELECT lo_unlink(4711)', 'large objects'],
  ])('does not count when %s was written after it', async (_, sql, undo, named) => {
    const point = points[target];
    const order = await world.prepare(point, { target });
    await change(sql);
    const end = await world.failed(point, 'replace', order);
    expect(end?.failure).toBe('TargetRefused');
    expect(end?.message).toContain('would be lost');
    expect(end?.message).toContain(named);
    expect(end?.advice).toContain('`restore.quiesce`');
    await change(undo);
  });

  it('counts what is only read, cleaned up and analyzed meanwhile, and what sessions wrote that stayed open before', async () => {
    const point = points[target];
    const client = await world.source.connect();
    await client.query(`INSERT INTO users VALUES (100001, 'early')`);
    await client.query('BEGIN; DELETE FROM users WHERE id = 100001');
    const order = await world.prepare(point, { target });
    await within(async (reader) => {
      await reader.query('VACUUM ANALYZE');
      await reader.query('SELECT count(*) FROM users');
    });
    await world.phase(point, 'replace', order);
    expect((await within((one) => one.query('SELECT FROM users WHERE id = 100001'))).rowCount).toBe(0);
  });
});

it('a truncated table is seen', async () => {
  const point = points['drop-and-create'];
  await change('CREATE TABLE apart AS SELECT 1 AS id');
  const order = await world.prepare(point, { target: 'drop-and-create' });
  await change('TRUNCATE apart');
  expect((await world.failed(point, 'replace', order))?.message).toContain('would be lost');
  await change('DROP TABLE apart');
});

describe('a login that is no superuser', () => {
  it('sees the same', async () => {
    const user = await world.makeRole('LOGIN CREATEDB');
    await world.admin.query(`GRANT ${world.owner} TO ${user}`);
    const mine = { ...points['drop-and-create'] };
    mine.asset = { ...mine.asset, restore: { ...mine.asset.restore!, noOwner: true, noPrivileges: true } };
    await world.endSessions();
    const order = await world.prepare(mine, { target: 'drop-and-create', login: { user, password: 'secret' } });
    await change(`UPDATE users SET name = name`);
    await world.endSessions();
    const end = await world.failed(mine, 'replace', order);
    expect(end?.failure).toBe('TargetRefused');
    expect(end?.message).toContain('would be lost: public.users');
  });
});

describe('a replay', () => {
  it('is rolled back when somebody wrote while it waited for its locks', async () => {
    const point = points['clean-replay'];
    const { run } = await world.prepare(point, { target: 'clean-replay' });
    const { written = {} } = (await world.prepared(point, run)) ?? {};
    const login = loginTo(world.source);
    const order = {
      system: SYSTEM,
      asset: point.asset,
      point: point.point,
      run,
      database: world.database,
      scratchDir: world.scratchDir,
      path: searchPath(),
    };
    const alone = await watchAlone(order, { login: { ...login, database: 'postgres' }, report: () => undefined }, written);
    const { signal } = new AbortController();
    async function* chunks() {
      yield Buffer.from('DROP VIEW active;\n');
      await change(`UPDATE users SET name = name WHERE id = 2`);
      yield Buffer.from('DROP TABLE logins; DROP TABLE users;\n');
    }
    const replayed = withLibpqAccess(login, { scratchDir: world.scratchDir, path: searchPath(), applicationName: 'replay' }, (access) =>
      runPsql({
        psqlPath: join(inject('postgres').binDir, 'psql'),
        access,
        chunks: chunks(),
        skipExtensions: [],
        isOneTransaction: true,
        beforeCommit: alone.beforeCommit(signal),
        whenServerGone: 'TargetUnreachable',
        signal,
      }),
    );
    await expect(replayed).rejects.toThrow('would be lost: public.users');
    await alone.end();
    await world.failed(point, 'replace', { run, target: 'clean-replay' });
  });
});
