/** A restore in place: the restored database takes the name, the old one is kept, put back by an undo and dropped by a finish. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord } from '../../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../../core/parse-json.ts';
import { SwapPaper } from '../../../../core/restore/result.ts';
import { restorePaperKey } from '../../../../core/vault/keys.ts';
import { keptDatabaseName, stagedDatabaseName, undoneDatabaseName } from '../../../../core/restore/target-names.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

let world: SwapWorld;
let point: MadePoint;
let before: Awaited<ReturnType<SwapWorld['whole']>>;

beforeAll(async () => {
  world = await openSwapWorld();
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  point = await world.point({ dump: { format: 'custom' }, over });
  before = await world.whole();
}, 60_000);
afterAll(() => world.close());

async function change(sql: string): Promise<void> {
  const client = await connectToTestServer(world.database);
  await client.query(sql);
  await client.end();
}

describe('a restore in place', () => {
  it('swaps by rename, keeps who owns, who may enter and what is set, and is undone', async () => {
    const [run, undoRun] = [newRun(), newRun()];
    const kept = keptDatabaseName(world.database, run);
    await change(`UPDATE users SET name = 'changed ' || id; CREATE TABLE newer (id int)`);
    const changed = await world.whole();
    const properties = await world.properties();

    await world.swap(point, { run });
    expect(await world.whole()).toEqual(before);
    expect(await world.properties()).toEqual(properties);
    expect(await world.names()).toEqual([world.database, kept]);
    expect(await world.properties(kept)).toMatchObject({ open: false, comment: expect.stringContaining(run) as string });

    await world.phase(point, 'undo', { run: undoRun, of: run });
    expect(await world.whole()).toEqual(changed);
    expect(await world.properties()).toEqual(properties);
    const undone = undoneDatabaseName(world.database, run);
    expect(await world.names()).toEqual([world.database, undone].toSorted());
    expect(await world.properties(undone)).toMatchObject({ open: false });

    await world.admin.query(`DROP DATABASE "${undone}"`);
    const again = await world.failed(point, 'undo', { run: newRun(), of: run });
    expect(again).toMatchObject({ failure: 'TargetRefused', message: expect.stringContaining('is gone') as string });
  });

  it('gives the same when it is done twice, and each is undone before those that came before it', async () => {
    const [first, second] = [newRun(), newRun()];
    await world.swap(point, { run: first });
    const once = await world.whole();
    await world.swap(point, { run: second });
    expect(await world.whole()).toEqual(once);
    expect(once).toEqual(before);
    expect(await world.names()).toHaveLength(3);
    // What the second has put there is not the first one's to take away.
    const end = await world.failed(point, 'undo', { run: newRun(), of: first });
    expect(end).toMatchObject({
      failure: 'TargetRefused',
      message: expect.stringContaining(`the restore ${second} has replaced it since`) as string,
      advice: expect.stringContaining(`npx holdfast restore undo ${second}`) as string,
    });
    expect(await world.properties()).toMatchObject({ open: true, comment: "what it's for" });
    for (const of of [second, first]) await world.phase(point, 'undo', { run: newRun(), of });
    expect(await world.properties()).toMatchObject({ open: true, comment: "what it's for" });
    for (const of of [first, second]) await world.admin.query(`DROP DATABASE "${undoneDatabaseName(world.database, of)}"`);
    expect(await world.names()).toEqual([world.database]);
  });

  it('keeps what it has kept for as long as somebody is in it again, or it cannot be dropped', async () => {
    const run = newRun();
    const kept = keptDatabaseName(world.database, run);
    await world.swap(point, { run });
    const finish = () => world.failed(point, 'finish', { run: newRun(), of: run });
    const alter = (what: string) => world.admin.query(`ALTER DATABASE "${kept}" ${what}`);
    await alter('ALLOW_CONNECTIONS true');
    const inside = await connectToTestServer(kept);
    await inside.query(
      `CREATE TABLE saved_here (id int); CREATE SUBSCRIPTION ${kept} CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)`,
    );
    expect(await finish()).toMatchObject({
      failure: 'TargetRefused',
      message: expect.stringContaining(`"${kept}" is not dropped: somebody has opened it`) as string,
      advice: expect.stringContaining(`ALTER DATABASE "${kept}" ALLOW_CONNECTIONS false`) as string,
    });
    await inside.query('SELECT * FROM saved_here');
    const { rows } = await world.admin.query<{ said: string }>(
      `SELECT shobj_description(oid, 'pg_database') AS said FROM pg_database WHERE datname = $1`,
      [kept],
    );
    await alter('ALLOW_CONNECTIONS false');
    await world.admin.query(`COMMENT ON DATABASE "${kept}" IS 'yesterday''s rows'`);
    expect((await finish())?.message).toContain('its comment does not say any more that the restore');
    await world.admin.query(`COMMENT ON DATABASE "${kept}" IS '${rows[0]?.said.replaceAll("'", "''")}'`);
    expect(await finish()).toMatchObject({
      message: expect.stringContaining(`cannot be dropped: the subscription ${kept}`) as string,
      advice: expect.stringContaining(`DROP SUBSCRIPTION "${kept}"`) as string,
    });
    await inside.query(`ALTER SUBSCRIPTION ${kept} SET (slot_name = NONE); DROP SUBSCRIPTION ${kept}`);
    await inside.end();
    // Once more there is nothing left to drop.
    for (let round = 0; round < 2; round += 1) expect(await finish()).toBeUndefined();
    expect(await world.names()).not.toContain(kept);
  });

  it('without owners gives everything to the owner of the database, and says so', async () => {
    const run = newRun();
    await world.swap(point, { run, order: { selection: { noOwner: true } } });
    const key = restorePaperKey(SYSTEM, point.asset.id, run, 'swapped');
    const { notes } = SwapPaper.parse(parseJson((await readRecord(point.reader, key))!.body));
    expect(notes).toEqual([`Everything in it belongs to ${world.owner} now, as the database does`]);
    await world.phase(point, 'finish', { run: newRun(), of: run });
    // As it was for what follows.
    const next = newRun();
    await world.swap(point, { run: next });
    await world.phase(point, 'finish', { run: newRun(), of: next });
  });

  it('swaps once, however often the phase is run', async () => {
    const run = newRun();
    await world.swap(point, { run });
    await world.phase(point, 'swap', { run });
    await world.phase(point, 'settle', { run });
    expect(await world.names()).toHaveLength(2);
    expect(await world.whole()).toEqual(before);
    await world.phase(point, 'finish', { run: newRun(), of: run });
  });

  it('ends the sessions of others, and keeps them out until it is done', async () => {
    const run = newRun();
    for (const which of ['preflight', 'restore', 'validate'] as const) await world.phase(point, which, { run });
    const session = await connectToTestServer(world.database);
    const ended = new Promise((resolve) => session.on('error', resolve));
    const refused: unknown[] = [];
    const report = (event: string) => {
      if (event.includes('takes no new connections'))
        void connectToTestServer(world.database).catch((error: unknown) => refused.push(error));
    };
    await world.phase(point, 'swap', { run, report });
    await ended;
    expect(refused).toHaveLength(1);
    expect(await world.whole()).toEqual(before);
    await world.phase(point, 'finish', { run: newRun(), of: run });
  });

  it('leaves the database as it was when it is told to stop before the swap', async () => {
    const run = newRun();
    for (const which of ['preflight', 'restore'] as const) await world.phase(point, which, { run });
    const properties = await world.properties();
    const abort = new AbortController();
    const said: string[] = [];
    const report = (event: string) => {
      said.push(event);
      if (event.includes('takes no new connections')) abort.abort(new Error('told to stop'));
    };
    await expect(world.phase(point, 'swap', { run, report, signal: abort.signal })).rejects.toThrow('told to stop');
    expect(said.at(-1)).toContain('is as it was, and takes connections again');
    expect(await world.properties()).toEqual(properties);
    // The next run of the same restore takes up what was restored beside.
    const next = newRun();
    const begun: string[] = [];
    await world.phase(point, 'restore', { run: next, report: (event) => begun.push(event) });
    expect(begun.join()).toContain('is taken up again');
    await world.phase(point, 'swap', { run: next });
    expect(await world.whole()).toEqual(before);
    expect(await world.names()).not.toContain(stagedDatabaseName(world.database, point.point));
    await world.phase(point, 'finish', { run: newRun(), of: next });
  });

  it('does not swap in what is not whole, nor what is not there', async () => {
    expect(await world.failed(point, 'swap', { run: newRun() })).toMatchObject({
      failure: expect.stringMatching(/Target|RestoreFailed/) as string,
    });
    await world.admin.query(`CREATE DATABASE "${stagedDatabaseName(world.database, point.point)}"`);
    const end = await world.failed(point, 'swap', { run: newRun() });
    expect(end?.message).toContain('is not what this restore has made');
    await world.admin.query(`DROP DATABASE "${stagedDatabaseName(world.database, point.point)}"`);
    expect(await world.properties()).toMatchObject({ open: true });
  });

  it('works for a login that is no superuser, and whose secret names the database itself', async () => {
    const login = await world.makeRole('LOGIN CREATEDB');
    await world.admin.query(`GRANT ${world.owner} TO ${login}; GRANT pg_signal_backend TO ${login}`);
    const noOwner = { ...point, asset: { ...point.asset, restore: { secret: 'restores', noOwner: true, noPrivileges: true } } };
    const run = newRun();
    const properties = await world.properties();
    await world.endSessions();
    await world.swap(noOwner, { run, login: { user: login, password: 'secret', database: world.database } });
    const { settings: _, ...rest } = (await world.properties()) ?? {};
    expect(properties).toMatchObject(rest);
    await world.phase(noOwner, 'undo', { run: newRun(), of: run, login: { user: login, password: 'secret' } });
    expect(await world.properties()).toEqual(properties);
  });
});
