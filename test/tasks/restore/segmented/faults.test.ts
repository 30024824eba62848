/** Damage, broken ways and other runs: no row of damaged bytes is committed, and what another try can go on with is kept. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RestoreSelection } from '../../../../core/restore/selection.ts';
import type { ObjectReader } from '../../../../core/ports/object-store.ts';
import { StoreUnavailable } from '../../../../core/ports/object-errors.ts';
import { TaskTimedOut } from '../../../../tasks/restore/errors.ts';
import { describeEnd, Interrupted } from '../../../../tasks/run-task.ts';
import { startOtherPostgres } from '../../../helpers/other-postgres.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { tcpProxy } from '../../../helpers/tcp-proxy.ts';
import { dumpPoint } from '../../../../tasks/dump/dump-point.ts';
import { SMALL_SEGMENTS, testPorts } from '../../dump/ports.ts';
import { makePoint, type MadePoint } from '../../drill/fixture.ts';
import { openWorld, readWhole, type Over, type World } from './world.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';

let world: World;
let point: MadePoint;
let whole: Awaited<ReturnType<typeof readWhole>>;
const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
sampleTests('faults of a segmented restore', 0.12);

beforeAll(async () => {
  world = await openWorld(6_000);
  point = await makePoint(world.source, { dump: { format: 'segmented' }, limits: SMALL_SEGMENTS, over });
  whole = await readWhole(world.source, world.source.database);
}, 60_000);
afterAll(() => world.close());
beforeEach(() => () => expect(readdirSync(world.scratchDir)).toEqual([]));

const keyOf = (role: string, number = 0) => point.manifest.objects.filter((object) => object.role === role).at(number)?.key ?? '';

/** The vault, but for the bytes of one object. `change` is asked each time that it is read. */
const withReads = (key: string, change: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): ObjectReader => ({
  ...point.reader,
  read: (ref) => (ref.key === key ? change(point.reader.read(ref)) : point.reader.read(ref)),
});
async function* damaged(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  yield bytes;
}
/** Breaks in the middle, so many times. */
const breaking = (times: number) => {
  let left = times;
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk.subarray(0, chunk.length >> 1);
      if (left-- > 0) throw new StoreUnavailable('read of a test', 'it broke');
      yield chunk.subarray(chunk.length >> 1);
    }
  };
};

async function failed(database: string, with_: Over) {
  const said: string[] = [];
  const report = (event: string) => {
    said.push(event);
    with_.ports?.report?.(event);
  };
  const end = await world.restore(point, database, { ...with_, ports: { ...with_.ports, report } }).then(() => undefined, describeEnd);
  return { ...end, exists: await world.exists(database), wasMade: said.some((event) => event.includes('is made')) };
}
async function isWholeAfterAnotherTry(database: string, scratchDir = world.scratchDir) {
  await world.restore(point, database, { order: { scratchDir } });
  expect(await readWhole(world.source, database)).toEqual(whole);
}

describe('damaged bytes', () => {
  it('of a segment end the restore, and the half-made database is dropped', async () => {
    const key = keyOf('segment', 3);
    const end = await failed(world.fresh('damaged'), { ports: { reader: withReads(key, damaged) } });
    expect(end).toMatchObject({ failure: 'PointDamaged', exists: false, wasMade: true });
    expect(end.message).toContain(key);
  });

  it.each(['rest', 'toc', 'roles', 'settings'])('of the %s are found before anything is written', async (role) => {
    const end = await failed(world.fresh('damaged'), { ports: { reader: withReads(keyOf(role), damaged) } });
    expect(end).toMatchObject({ failure: 'PointDamaged', exists: false, wasMade: false });
  });

  it('that are gone are found before anything is written', async () => {
    const key = keyOf('segment', 2);
    const reader: ObjectReader = { ...point.reader, head: async (ref) => (ref.key === key ? undefined : point.reader.head(ref)) };
    expect(await failed(world.fresh('gone'), { ports: { reader } })).toMatchObject({ failure: 'PointDamaged', wasMade: false });
  });
});

describe('damage of one table', () => {
  it('keeps no other table from being restored, and is found before anything is written when the table is asked for', async () => {
    const gone = point.manifest.objects.find(({ segment }) => segment?.table === 'public.wide')?.key ?? '';
    const reader: ObjectReader = { ...point.reader, head: async (ref) => (ref.key === gone ? undefined : point.reader.head(ref)) };
    const order = (selection: RestoreSelection) => ({ order: { selection }, ports: { reader } });
    for (const selection of [{ tables: ['public.parent'] }, { exclude: ['public.wide'] }]) {
      const database = world.fresh('part');
      await world.restore(point, database, order(selection));
      expect(await world.exists(database)).toBe(true);
    }
    const end = await failed(world.fresh('gone'), order({ tables: ['public.wide'] }));
    expect(end).toMatchObject({ failure: 'PointDamaged', exists: false, wasMade: false });
    expect(end.message).toContain(gone);
  });
});

describe('a way that breaks', () => {
  it('from the vault is gone again', async () => {
    const database = world.fresh('broken');
    await world.restore(point, database, { ports: { reader: withReads(keyOf('segment', 1), breaking(2)) } });
    expect(await readWhole(world.source, database)).toEqual(whole);
  });

  it('from the vault for good is told, and the next try goes on', async () => {
    const database = world.fresh('broken');
    const end = await failed(database, { ports: { reader: withReads(keyOf('segment', 1), breaking(100)) } });
    expect(end).toMatchObject({ failure: 'VaultUnavailable', exists: true });
    expect(end.message).toContain(`the half-made database "${database}" is kept`);
    expect(end.advice).toContain('goes on where this one stopped');
    await isWholeAfterAnotherTry(database);
  });

  it('to the server is gone again', async () => {
    const proxy = await tcpProxy(world.source);
    const database = world.fresh('broken');
    let cuts = 0;
    const moved = () => {
      if (isLoading && ++cuts % 8 === 0 && cuts < 32) proxy.cut();
    };
    let isLoading = false;
    const report = (event: string) => (isLoading ||= event.startsWith('Rows are being loaded'));
    await world.restore(point, database, { login: { port: proxy.port }, ports: { moved, report } });
    await proxy.close();
    expect(cuts).toBeGreaterThan(16);
    expect(await readWhole(world.source, database)).toEqual(whole);
  });

  it('to the server for good is told, and the next try goes on', async () => {
    const proxy = await tcpProxy(world.source);
    const database = world.fresh('broken');
    let closing: Promise<void> | undefined;
    const report = (event: string) => {
      if (event.startsWith('Rows are being loaded')) closing = proxy.close();
    };
    const end = await failed(database, { login: { port: proxy.port }, ports: { report } });
    await closing;
    expect(end).toMatchObject({ failure: 'TargetUnreachable', exists: true });
    expect(end.message).toContain('is kept');
    await isWholeAfterAnotherTry(database);
  }, 60_000);
});

describe('a restore that is stopped while it loads rows', () => {
  const stopped = (database: string, reason: Error) => {
    const abort = new AbortController();
    const report = (event: string) => {
      if (event.startsWith('Rows are being loaded')) abort.abort(reason);
    };
    return failed(database, { ports: { report }, signal: abort.signal });
  };

  it('is kept when the task was told to stop', async () => {
    const database = world.fresh('stopped');
    const end = await stopped(database, new Interrupted('SIGTERM'));
    expect(end).toMatchObject({ failure: 'Interrupted', exists: true });
    expect(end.message).toContain('is kept');
    const other = await failed(database, { order: { selection: { schemaOnly: true } } });
    expect(other).toMatchObject({ failure: 'TargetNotEmpty', exists: true });
    expect(other.message).toContain('half made by a restore of another point, or of this one with other options');
    await isWholeAfterAnotherTry(database);
    expect(await failed(database, {})).toMatchObject({ failure: 'TargetNotEmpty', exists: true });
  });

  it('is dropped when its time was over: another try would need as long', async () => {
    expect(await stopped(world.fresh('stopped'), new TaskTimedOut(1))).toMatchObject({ failure: 'TimedOut', exists: false });
  });
});

it('a run that another one has taken over ends, and leaves the database to it', async () => {
  const database = world.fresh('shared');
  const waits = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  async function* slow(chunks: AsyncIterable<Uint8Array>) {
    reached.resolve();
    await waits.promise;
    yield* chunks;
  }
  const first = failed(database, { ports: { reader: withReads(keyOf('segment', 0), slow) } });
  await reached.promise;
  const elsewhere = mkdtempSync(join(tmpdir(), 'holdfast-segmented-'));
  await isWholeAfterAnotherTry(database, elsewhere).finally(() => waits.resolve());
  rmSync(elsewhere, { recursive: true });
  const end = await first;
  expect(end).toMatchObject({ failure: 'TargetNotEmpty', exists: true });
  expect(end.message).toContain('taken over');
  expect(await readWhole(world.source, database)).toEqual(whole);
}, 60_000);

it('a try after one that was killed when all was done and recorded has nothing left to do', async () => {
  const database = world.fresh('done');
  const result = await world.restore(point, database);
  const again = (recorded: typeof result) => failed(database, { ports: { recorded: () => Promise.resolve(recorded) } });
  expect(await again(result)).toEqual({ exists: true, wasMade: false });
  expect(await again({ ...result, database: 'another' })).toMatchObject({ failure: 'TargetNotEmpty', exists: true });
  expect(await again({ ...result, point: '20200101T000000Z' })).toMatchObject({ failure: 'TargetNotEmpty', exists: true });
  expect(await readWhole(world.source, database)).toEqual(whole);
});

describe('a server of another major', () => {
  it('is restored into when it is newer, and refused before anything is written when it is older', async () => {
    const newer = await startOtherPostgres(18);
    const { host, port, user, password } = newer;
    const login = { host, port, user, password, database: 'moved', tls: { mode: 'disable' as const, ca: undefined } };
    const path = `${newer.binDir}:/usr/bin:/bin`;
    try {
      await world.restore(point, 'moved', { login: { ...login, database: 'postgres' }, order: { path } });
      const moved = await newer.connect();
      const { rows } = await moved.query("SELECT FROM pg_database WHERE datname = 'moved'");
      expect(rows).toHaveLength(1);

      const ports = await testPorts(login, newer.binDir);
      const { manifest } = await dumpPoint(
        { system: 'sys', asset: point.asset, point: point.point, attempt: '0001-1' },
        { ...ports, limits: SMALL_SEGMENTS },
      );
      ports.cleanUp();
      const rowsOf = (objects: typeof manifest.objects) => objects.reduce((sum, { segment }) => sum + (segment?.rows ?? 0), 0);
      expect(rowsOf(manifest.objects)).toBe(rowsOf(point.manifest.objects));
      const ofNewer = { ...point, reader: ports.reader, manifest };
      const database = world.fresh('older');
      const end = await world.restore(ofNewer, database, { order: { path } }).then(() => undefined, describeEnd);
      expect(end).toMatchObject({ failure: 'TargetRefused' });
      expect(end?.message).toContain('older than the source');
      expect(await world.exists(database)).toBe(false);
    } finally {
      await newer.stop();
    }
  }, 90_000);
});

it('nothing else of the server is touched', async () => {
  const client = await connectToTestServer('postgres');
  const { rows } = await client.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname LIKE 'holdfast\\_%'");
  await client.end();
  expect(rows).toEqual([]);
});
