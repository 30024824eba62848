/** Drop and create, and the replay of a plain dump: what comes out, what is left when they fail, and that a rerun ends them. */
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../../core/parse-json.ts';
import { RestoredPaper } from '../../../../core/restore/result.ts';
import { shellDatabaseName } from '../../../../core/restore/target-names.ts';
import { restorePaperKey } from '../../../../core/vault/keys.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

sampleTests('databases that are replaced for good', 0.12);

let world: SwapWorld;
let point: MadePoint;
let clean: MadePoint;
let before: Awaited<ReturnType<SwapWorld['whole']>>;
let properties: Awaited<ReturnType<SwapWorld['properties']>>;

beforeAll(async () => {
  world = await openSwapWorld();
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  point = await world.point({ dump: { format: 'custom' }, over });
  clean = await world.point({ dump: { format: 'plain', cleanIfExists: true }, over });
  before = await world.whole();
  properties = await world.properties();
}, 60_000);
afterAll(() => world.close());
// Whatever happened: no archive, no password.
afterEach(() => expect(readdirSync(world.scratchDir)).toEqual([]));
// Each finds the database as it was, also after one that failed halfway.
beforeEach(async () => {
  const isWhole = await world.whole().then(
    (found) => isDeepStrictEqual(found, before),
    () => false,
  );
  if (!isWhole) await world.replace(point, { target: 'drop-and-create' });
});

async function change(sql: string): Promise<void> {
  const client = await connectToTestServer(world.database);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
const CHANGES = `UPDATE users SET name = 'changed ' || id; DELETE FROM logins; SELECT setval('counter', 1000); DROP VIEW active`;

describe('drop and create', () => {
  it('gives the same however often, with the properties that the old one had', async () => {
    await change(`${CHANGES}; CREATE TABLE newer (id int REFERENCES users)`);
    for (let round = 0; round < 2; round += 1) {
      const run = newRun();
      await world.phase(point, 'preflight', { run, target: 'drop-and-create' });
      await world.replace(point, { run, target: 'drop-and-create' });
      await world.phase(point, 'validate', { run, target: 'drop-and-create' });
      expect(await world.whole()).toEqual(before);
      expect(await world.properties()).toEqual(properties);
      expect(await world.names()).toEqual([world.database]);
    }
  });

  it('that is stopped before anything was dropped leaves the database as it was', async () => {
    await change(CHANGES);
    const changed = await world.whole();
    const abort = new AbortController();
    const report = (event: string) => {
      if (event.startsWith('The bytes of the point')) abort.abort(new Error('told to stop'));
    };
    const order = await world.prepare(point, { target: 'drop-and-create' });
    await expect(world.phase(point, 'replace', { ...order, report, signal: abort.signal })).rejects.toThrow();
    expect(await world.whole()).toEqual(changed);
    expect(await world.properties()).toEqual(properties);
  });

  it('that cannot drop the old one leaves it open, and nothing beside it that says it was dropped', async () => {
    await change(CHANGES);
    const changed = await world.whole();
    const order = await world.prepare(point, { target: 'drop-and-create' });
    const report = (event: string) => {
      if (event.startsWith('The bytes of the point')) world.askNow(`ALTER DATABASE ${world.database} IS_TEMPLATE true`);
    };
    const end = await world.failed(point, 'replace', { ...order, report });
    await world.admin.query(`ALTER DATABASE ${world.database} IS_TEMPLATE false`);
    expect(end?.message).toContain('drop the old database');
    expect(await world.names()).toEqual([world.database]);
    expect(await world.properties()).toEqual(properties);
    expect(await world.whole()).toEqual(changed);
  });

  it('says that nobody knows who may enter, where somebody has dropped what kept it', async () => {
    const order = await world.prepare(point, { target: 'drop-and-create' });
    const report = (event: string) => {
      if (event.includes('is made and is being filled')) world.askNow(`DROP DATABASE ${shellDatabaseName(world.database)}`);
    };
    await world.phase(point, 'replace', { ...order, report });
    const key = restorePaperKey(SYSTEM, point.asset.id, order.run, 'restored');
    const { notes } = RestoredPaper.parse(parseJson((await readRecord(point.reader, key))!.body));
    expect(notes.join()).toContain(`Nobody knows any more whose "${world.database}" was`);
    expect(await world.whole()).toEqual(before);
    // As it was for what follows.
    await world.setUp();
    expect(await world.properties()).toEqual(properties);
  });

  it('that fails after the old one was dropped says what is left, and the next run ends it', async () => {
    const user = await world.makeRole('LOGIN CREATEDB');
    await world.admin.query(`GRANT ${world.owner} TO ${user}`);
    const login = { user, password: 'secret' };
    await change(CHANGES);
    await world.endSessions();
    const ended: Promise<unknown>[] = [];
    const over = new AbortController();
    const endSessions = async () => {
      while (!over.signal.aborted)
        await world.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [world.database]);
    };
    const report = (event: string) => {
      if (event.includes('is made and is being filled')) ended.push(endSessions());
    };
    const mine = { ...point, asset: { ...point.asset, restore: { secret: 'restores', noOwner: true, noPrivileges: true } } };
    const order = await world.prepare(mine, { target: 'drop-and-create', login });
    const end = await world.failed(mine, 'replace', { ...order, report }).finally(() => over.abort());
    await Promise.all(ended);
    expect(end?.failure).toBe('TargetUnreachable');
    expect(end?.message).toContain(`the old database "${world.database}" is dropped`);
    expect(end?.message).toContain(`"${shellDatabaseName(world.database)}"`);
    expect(await world.names()).toContain(shellDatabaseName(world.database));
    // The next one may be told otherwise; what the old one was is still known.
    await world.phase(point, 'preflight', { run: newRun(), target: 'drop-and-create' });
    await world.replace(point, { target: 'drop-and-create' });
    expect(await world.whole()).toEqual(before);
    expect(await world.properties()).toEqual(properties);
    expect(await world.names()).toEqual([world.database]);
  });
});

describe('the replay of a plain dump', () => {
  it('gives the same however often, and leaves what the dump does not know', async () => {
    await change(`${CHANGES}; CREATE TABLE apart (id int)`);
    const run = newRun();
    await world.phase(clean, 'preflight', { run, target: 'clean-replay' });
    await world.replace(clean, { run, target: 'clean-replay' });
    await world.phase(clean, 'validate', { run, target: 'clean-replay' });
    await change('DROP TABLE apart');
    expect(await world.whole()).toEqual(before);
    await world.replace(clean, { target: 'clean-replay' });
    expect(await world.whole()).toEqual(before);
    expect(await world.properties()).toEqual(properties);
  });

  it.each([
    [
      'a newer table that refers to an old one',
      'CREATE TABLE newer (id int REFERENCES users)',
      'DROP TABLE newer',
      'table newer (table users)',
    ],
    ['a newer view of an old table', 'CREATE VIEW newer AS SELECT * FROM logins', 'DROP VIEW newer', 'view newer (table logins)'],
    ['a newer child of an old table', 'CREATE TABLE newer () INHERITS (logins)', 'DROP TABLE newer', 'table newer (table logins)'],
    [
      'a function of an old table’s rows',
      'CREATE FUNCTION newer(users) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'DROP FUNCTION newer',
      'function newer(',
    ],
    [
      'a default of an old sequence',
      `CREATE TABLE newer (id int DEFAULT nextval('counter'))`,
      'DROP TABLE newer',
      'table newer (sequence counter)',
    ],
  ])('is refused for %s, before anything is touched', async (_, make, drop, named) => {
    await change(make);
    const there = await world.whole();
    for (const phase of ['preflight', 'replace'] as const) {
      const end = await world.failed(clean, phase, { run: newRun(), target: 'clean-replay' });
      expect(end?.failure).toBe('TargetRefused');
      expect(end?.message).toContain('newer objects, which the point does not have');
      expect(end?.message.replaceAll('public.', '')).toContain(named);
    }
    expect(await world.whole()).toEqual(there);
    await change(drop);
  });

  it('stops at the first error and has then changed nothing', async () => {
    await change(`${CHANGES}; CREATE DOMAIN strict AS text; ALTER TABLE t ADD unrelated strict`);
    await change(
      `CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; CREATE EVENT TRIGGER no ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION no()`,
    );
    const there = await world.whole();
    const order = await world.prepare(clean, { target: 'clean-replay' });
    const end = await world.failed(clean, 'replace', order);
    expect(end?.failure).toBe('RestoreFailed');
    expect(await world.whole()).toEqual(there);
    // A try after it is not told that somebody wrote: PostgreSQL counts what was rolled back too.
    expect(await world.failed(clean, 'replace', order)).toMatchObject({
      failure: 'TargetRefused',
      message: expect.stringMatching(/cut off in the middle of the dump, and all of that is rolled back.* nothing was replaced/) as string,
    });
    expect(await world.whole()).toEqual(there);
    await world.phase(clean, 'settle', order);
    expect(await world.properties()).toEqual(properties);
    await change('DROP EVENT TRIGGER no; DROP FUNCTION no; ALTER TABLE t DROP unrelated; DROP DOMAIN strict');
    await world.replace(clean, { target: 'clean-replay' });
    expect(await world.whole()).toEqual(before);
  });

  it.each(['replace', 'settle'] as const)(
    'that was cut off after its commit is known to stand, and recorded by what comes next: %s',
    async (phase) => {
      await change(CHANGES);
      const order = await world.prepare(clean, { target: 'clean-replay' });
      // The task is away when it would write its paper.
      const lost = { ...clean, writer: { ...clean.writer, putOnce: () => Promise.reject(new Error('cut off')) } };
      expect(await world.failed(lost, 'replace', order)).toBeDefined();
      expect(await world.properties()).toMatchObject({
        comment: expect.stringContaining(`Replayed by Holdfast in the restore ${order.run}/`) as string,
      });
      await change(`UPDATE users SET name = 'worked with since' WHERE id = 1`);
      const since = await world.whole();
      await world.phase(clean, phase, order);
      const paper = RestoredPaper.parse(
        parseJson((await readRecord(clean.reader, restorePaperKey(SYSTEM, clean.asset.id, order.run, 'restored')))!.body),
      );
      expect(paper).toMatchObject({ point: clean.point, database: world.database });
      expect(paper.notes.join()).toContain('cut off after it had committed the dump');
      expect(Date.parse(paper.startedAt)).toBeLessThan(Date.parse(paper.finishedAt));
      // Nothing ran once more.
      expect(await world.whole()).toEqual(since);
      expect(await world.properties()).toEqual(properties);
      // Nor does a try after the paper.
      await world.phase(clean, 'replace', order);
      expect(await world.whole()).toEqual(since);
    },
  );

  it('is refused for what belongs to somebody whom the login may not speak for', async () => {
    const user = await world.makeRole('LOGIN');
    await world.admin.query(`GRANT ${world.owner} TO ${user}`);
    await world.endSessions();
    const end = await world.failed(clean, 'preflight', { run: newRun(), target: 'clean-replay', login: { user, password: 'secret' } });
    expect(end?.failure).toBe('TargetRefused');
    expect(end?.message).toMatch(/may not drop what belongs to \S+: .*users/);
  });
});
