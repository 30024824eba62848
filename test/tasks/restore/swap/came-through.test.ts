/** A swap, or an undo, that came through although its task failed: what settles it says so, and it can be undone, or undone once more. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../../core/parse-json.ts';
import { SwapPaper, type TaskPaper } from '../../../../core/restore/result.ts';
import { keptDatabaseName, undoneDatabaseName } from '../../../../core/restore/target-names.ts';
import { restorePaperKey } from '../../../../core/vault/keys.ts';
import { closeToAll } from '../../../../tasks/restore/swap/close-database.ts';
import { readDatabase } from '../../../../tasks/restore/swap/read-database.ts';
import { connectToTarget } from '../../../../tasks/restore/target.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

sampleTests('swaps that came through although their task failed', 0.12);

let world: SwapWorld;
let point: MadePoint;
/** A login of these tests alone: ended with its sessions is nothing of what runs beside them. */
let user: string;
let restored: Awaited<ReturnType<SwapWorld['whole']>>;
let changed: Awaited<ReturnType<SwapWorld['whole']>>;
let properties: Awaited<ReturnType<SwapWorld['properties']>>;

beforeAll(async () => {
  world = await openSwapWorld(`CREATE TABLE users AS SELECT i AS id, 'user ' || i AS name FROM generate_series(1, 50) i`);
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  point = await world.point({ dump: { format: 'custom' }, over });
  restored = await world.whole();
  user = await world.makeRole('LOGIN SUPERUSER');
  const client = await connectToTestServer(world.database);
  await client.query(`UPDATE users SET name = 'changed ' || id`);
  await client.end();
  [changed, properties] = [await world.whole(), await world.properties()];
}, 60_000);
afterAll(() => world.close());
/** What a test leaves in the place of the changed database is taken away, and what it kept put back. */
beforeEach(() => putEverythingBack());

async function putEverythingBack(): Promise<void> {
  const others = (await world.names()).filter((name) => name !== world.database);
  for (const name of others.filter((other) => !other.includes('_before_'))) await drop(name);
  // The first that was kept is what there was before all restores.
  const [first, ...later] = others.filter((other) => other.includes('_before_')).toSorted();
  for (const name of later) await drop(name);
  if (first === undefined) return;
  await drop(world.database);
  await world.admin.query(`ALTER DATABASE "${first}" RENAME TO "${world.database}"`);
  await world.admin.query(`ALTER DATABASE ${world.database} ALLOW_CONNECTIONS true`);
}
const drop = (name: string) => world.admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);

/** The server ends every session of the login, as when it is restarted: at once, before anything else is asked of it. */
function endSessions(): void {
  const { host, port, user: superuser, password, binDir } = world.source;
  execFileSync(
    join(binDir, 'psql'),
    ['--dbname=postgres', '-qAtc', `SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE usename = '${user}'`],
    { env: { PGHOST: host, PGPORT: String(port), PGUSER: superuser, PGPASSWORD: password, PGSSLMODE: 'require' } },
  );
}
const login = () => ({ user, password: 'secret' });
/** As soon as the task says so. */
const cutAt = (said: string) => ({
  login: login(),
  report: (event: string) => {
    if (event.includes(said)) endSessions();
  },
});
const SWAPPED = 'the restored one has its name';
const PUT_BACK = 'has changed its name with the restored one';

async function paper(run: string, name: TaskPaper) {
  const record = await readRecord(point.reader, restorePaperKey(SYSTEM, point.asset.id, run, name));
  return record && SwapPaper.parse(parseJson(record.body));
}
async function swap(run: string): Promise<void> {
  for (const which of ['restore', 'swap'] as const) await world.phase(point, which, { run });
}
async function swapCutOff(): Promise<string> {
  const run = newRun();
  await world.phase(point, 'restore', { run, login: login() });
  expect(await world.failed(point, 'swap', { run, ...cutAt(SWAPPED) })).toMatchObject({ failure: 'TargetUnreachable' });
  expect(await paper(run, 'swapped')).toBeUndefined();
  return run;
}

describe('a swap that came through, and whose task failed', () => {
  it('is ended and recorded when it is settled, and can be undone', async () => {
    const run = await swapCutOff();
    const kept = keptDatabaseName(world.database, run);
    await world.phase(point, 'settle', { run, login: login() });
    expect(await paper(run, 'swapped')).toMatchObject({ kept, notes: [] });
    expect(await world.whole()).toEqual(restored);
    expect(await world.properties()).toEqual(properties);
    await world.phase(point, 'settle', { run, login: login() });

    await world.phase(point, 'undo', { run: newRun(), of: run });
    expect(await world.whole()).toEqual(changed);
    expect(await world.properties()).toEqual(properties);
  }, 60_000);

  it('is recorded, with what is missing of it, when it cannot be ended', async () => {
    const run = await swapCutOff();
    const end = await world.failed(point, 'settle', { run, ...cutAt('The swap had come through') });
    expect(end).toMatchObject({ failure: 'TargetUnreachable' });
    const kept = keptDatabaseName(world.database, run);
    expect(await paper(run, 'swapped')).toMatchObject({ kept, notes: [expect.stringContaining('compare the two') as string] });
    await world.phase(point, 'undo', { run: newRun(), of: run });
    expect(await world.whole()).toEqual(changed);
  }, 60_000);

  it('is not recorded when it did not come through: the database is open again', async () => {
    const run = newRun();
    await world.phase(point, 'restore', { run, login: login() });
    await world.failed(point, 'swap', { run, ...cutAt('takes no new connections') });
    await world.phase(point, 'settle', { run, login: login() });
    expect(await paper(run, 'swapped')).toBeUndefined();
    expect([await world.whole(), await world.properties()]).toEqual([changed, properties]);
  }, 60_000);
});

describe('an undo that came through, and whose task failed', () => {
  async function undoCutOff() {
    const [of, run] = [newRun(), newRun()];
    await swap(of);
    expect(await world.failed(point, 'undo', { run, of, ...cutAt(PUT_BACK) })).toMatchObject({ failure: 'TargetUnreachable' });
    return { of, run, undone: undoneDatabaseName(world.database, of) };
  }

  it('is opened and recorded when it is settled', async () => {
    const { of, run, undone } = await undoCutOff();
    expect(await world.properties()).toMatchObject({ open: false });
    await world.phase(point, 'settle', { run, of });
    expect(await paper(run, 'undone')).toMatchObject({ kept: undone });
    expect([await world.whole(), await world.properties()]).toEqual([changed, properties]);
    expect(await world.properties(undone)).toMatchObject({ open: false });
  }, 60_000);

  it('is opened and recorded by another undo of the same restore, and another', async () => {
    const { of, undone } = await undoCutOff();
    for (const run of [newRun(), newRun()]) {
      await world.phase(point, 'undo', { run, of });
      expect(await paper(run, 'undone')).toMatchObject({ kept: undone });
      expect([await world.whole(), await world.properties()]).toEqual([changed, properties]);
    }
  }, 60_000);

  it('is none any more once another restore has taken the place of what it put back', async () => {
    const { of, run } = await undoCutOff();
    await world.phase(point, 'settle', { run, of });
    const next = newRun();
    await swap(next);
    const again = await world.failed(point, 'undo', { run: newRun(), of });
    expect(again).toMatchObject({ failure: 'TargetRefused', message: expect.stringContaining('is gone') as string });
    expect(await world.whole()).toEqual(restored);
    await world.phase(point, 'undo', { run: newRun(), of: next });
    expect(await world.whole()).toEqual(changed);
  }, 60_000);
});

it.each(['drop-and-create', 'in-place'] as const)(
  'a task that was killed once it had closed the database (%s): it is open when it is settled',
  async (target) => {
    const run = newRun();
    const connection = await connectToTarget({ ...loginTo(world.source), database: 'postgres' }, 'holdfast test');
    const found = await readDatabase(connection, world.database);
    await closeToAll(connection, world.database, found!, run);
    await connection.end();
    expect(await world.properties()).toMatchObject({ open: false });
    await world.phase(point, 'settle', { run, target });
    expect([await world.whole(), await world.properties()]).toEqual([changed, properties]);
  },
  60_000,
);

it('an undo takes no name that something else has, and touches nothing', async () => {
  const of = newRun();
  await swap(of);
  const undone = undoneDatabaseName(world.database, of);
  await world.admin.query(`CREATE DATABASE "${undone}"`);
  const end = await world.failed(point, 'undo', { run: newRun(), of });
  expect(end).toMatchObject({ failure: 'TargetRefused', message: expect.stringContaining('is taken') as string });
  expect(await world.whole()).toEqual(restored);
  expect(await world.properties()).toMatchObject({ open: true });
}, 60_000);
