/** What a replacement says that failed, of what is left; and that it takes away nothing that is not its own. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shellDatabaseName, unfinishedShellName } from '../../../../core/restore/target-names.ts';
import { handOver } from '../../../../tasks/restore/swap/shell.ts';
import { connectToTarget } from '../../../../tasks/restore/target.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import type { MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

const target = 'drop-and-create';
sampleTests('servers that go away in the middle of a replacement', 0.12);

let world: SwapWorld;
let point: MadePoint;
let shell: string;

beforeAll(async () => {
  world = await openSwapWorld();
  point = await world.point({ dump: { format: 'custom' }, over: { restore: { secret: 'restores', noOwner: true, noPrivileges: true } } });
  shell = shellDatabaseName(world.database);
}, 60_000);
afterAll(() => world.close());

describe('a server that goes away in the middle', () => {
  let user: string;
  let login: { user: string; password: string };
  beforeAll(async () => {
    user = await world.makeRole('LOGIN CREATEDB');
    login = { user, password: 'secret' };
    await world.admin.query(`GRANT ${world.owner} TO ${user}`);
  });
  afterEach(() => world.admin.query(`ALTER ROLE ${user} LOGIN`));
  /** To this login. */
  const goAway = async () => {
    await world.admin.query(`ALTER ROLE ${user} NOLOGIN`);
    await world.admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user]);
  };

  it('leaves it unknown whether the old database is dropped, which is said; the next try knows', async () => {
    await world.endSessions();
    const order = await world.prepare(point, { target, login });
    await world.endSessions();
    const gone: Promise<void>[] = [];
    const report = (event: string) => {
      if (event.includes('is made and is being filled')) gone.push(goAway());
    };
    const end = await world.failed(point, 'replace', { ...order, report });
    await Promise.all(gone);
    expect(end?.message).toContain(`whether the old database "${world.database}" still stands could not be asked`);
    expect(end?.advice).toContain(`"${shell}"`);

    // It cannot even look for what it finds.
    const away = await world.failed(point, 'replace', order);
    expect(away?.message).toContain('could not be asked');

    await world.admin.query(`ALTER ROLE ${user} LOGIN`);
    for (const isThere of [true, false]) {
      if (!isThere) await world.admin.query(`DROP DATABASE "${world.database}" WITH (FORCE)`);
      const stop = new AbortController();
      const late = await world.failed(point, 'replace', {
        ...order,
        signal: stop.signal,
        report: (event) => {
          if (event.startsWith('The bytes of the point')) stop.abort(new Error('told to stop'));
        },
      });
      expect(late?.message).toContain(`the old database "${world.database}" is dropped`);
      expect(late?.message).toContain(`"${shell}"`);
    }

    await world.phase(point, 'replace', order);
    await world.phase(point, 'validate', order);
    expect(await world.names()).toEqual([world.database]);
  });
});

describe('a database of a name that a replacement needs', () => {
  const marker = async (database: string) => {
    const client = await connectToTestServer(database);
    try {
      return (await client.query('SELECT FROM theirs')).rowCount;
    } finally {
      await client.end();
    }
  };
  const makeTheirs = async (name: string) => {
    await world.admin.query(`CREATE DATABASE "${name}"`);
    const client = await connectToTestServer(name);
    await client.query('CREATE TABLE theirs AS SELECT 1 AS id');
    await client.end();
  };
  let names: string[] = [];
  beforeEach(() => (names = []));
  afterEach(async () => {
    for (const name of names) await world.admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  });

  it.each([undefined, 'their own', 'Holdfast keeps here what a database was that a restore replaces'])(
    'is an obstacle when it is somebody else’s (%j), and stays',
    async (comment) => {
      const order = await world.prepare(point, { target });
      names = [shell];
      await makeTheirs(shell);
      if (comment !== undefined) await world.admin.query(`COMMENT ON DATABASE "${shell}" IS '${comment}'`);
      for (const [phase, over] of [
        ['preflight', { target }],
        ['replace', order],
        ['prepare', { target, run: newRun() }],
      ] as const) {
        const end = await world.failed(point, phase, over);
        expect(end?.failure, phase).toBe('TargetRefused');
        expect(end?.message, phase).toContain(`the database "${shell}" is not one that Holdfast has made`);
        expect(end?.advice, phase).toContain('RENAME TO');
      }
      const connection = await connectToTarget({ ...loginTo(world.source), database: 'postgres' }, 'test');
      await expect(handOver(connection, world.database)).rejects.toThrow('is not one that Holdfast has made');
      await connection.end();
      expect(await marker(shell)).toBe(1);
    },
  );

  it('is left alone but for what an earlier run was killed over', async () => {
    const [theirs, ours] = [`${world.database}_as_it_is`, unfinishedShellName(world.database, newRun())];
    names = [theirs, ours];
    await makeTheirs(theirs);
    await world.admin.query(`CREATE DATABASE "${ours}" TEMPLATE template0`);
    await world.replace(point, { target });
    expect(await marker(theirs)).toBe(1);
    expect(await world.names()).toEqual([world.database, theirs].toSorted());
  });
});
