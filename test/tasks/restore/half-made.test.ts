/** What restores that were killed or stopped leave: a later one of the same point ends it, and no other one touches it. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addToCrc32, encodeCrc32 } from '../../../adapters/s3/crc.ts';
import { openLoadSession } from '../../../adapters/postgres/load-session.ts';
import { StoreUnavailable } from '../../../core/ports/object-errors.ts';
import { PROGRESS_SCHEMA } from '../../../core/restore/half-made.ts';
import { withDatabaseLock } from '../../../tasks/restore/database-lock.ts';
import { TaskTimedOut } from '../../../tasks/restore/errors.ts';
import { openArchive } from '../../../tasks/restore/segmented/archive.ts';
import { takeOver } from '../../../tasks/restore/segmented/progress.ts';
import { describeEnd, Interrupted } from '../../../tasks/run-task.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { connectToTestServer, uniqueSuffix } from '../../helpers/servers.ts';
import { forgePoint, makePoint, type MadePoint } from '../drill/fixture.ts';
import { loginTo, SMALL_SEGMENTS } from '../dump/ports.ts';
import { runKilled } from './segmented/run-killed.ts';
import { EVENT_TRIGGER_SQL, openWorld, readWhole, type Over, type World } from './segmented/world.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const random = seededRandom('when restores of whole dumps are killed');
const KILLS = isSoak ? 10 : 1;

let world: World;
const points = {} as Record<'segmented' | 'custom' | 'plain', MadePoint>;
let whole: Awaited<ReturnType<typeof readWhole>>;
sampleTests('restores that were killed', 0.12);

beforeAll(async () => {
  world = await openWorld(2_000);
  await world.client.query(EVENT_TRIGGER_SQL);
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  for (const format of ['segmented', 'custom', 'plain'] as const)
    points[format] = await makePoint(world.source, { dump: { format }, limits: SMALL_SEGMENTS, over });
  whole = await readWhole(world.source, world.source.database);
}, 90_000);
afterAll(() => world.close());
beforeEach(() => () => expect(readdirSync(world.scratchDir)).toEqual([]));

const failed = (point: MadePoint, database: string, over: Over = {}) =>
  world.restore(point, database, over).then(() => undefined, describeEnd);

/** Ended by `reason` as soon as it says so. */
function stopped(point: MadePoint, database: string, at: string, reason: Error, over: Over = {}) {
  const abort = new AbortController();
  const report = (event: string) => {
    if (event.startsWith(at)) abort.abort(reason);
  };
  return failed(point, database, { ...over, ports: { ...over.ports, report }, signal: abort.signal });
}

describe.each(['custom', 'plain'] as const)('a restore of a %s point', (format) => {
  it.each(Array.from({ length: KILLS }, (_, number) => number))('that was killed is made anew by the next one (%i)', async () => {
    const database = world.fresh('killed');
    const afterMilliseconds = 20 + random.below(700);
    const isKilled = await runKilled(world, points[format], database, { at: 'report', begins: 'The database', afterMilliseconds });
    if (!isKilled) return expect(await readWhole(world.source, database)).toEqual(whole);
    expect(await world.exists(database)).toBe(true);

    const other = await failed(points[format === 'custom' ? 'plain' : 'custom'], database);
    expect(other).toMatchObject({ failure: 'TargetNotEmpty' });
    expect(other?.message).toContain('half made by a restore of another point');
    expect(other?.advice).toContain(`DROP DATABASE "${database}" WITH (FORCE)`);

    const said: string[] = [];
    await world.restore(points[format], database, { ports: { report: (event) => said.push(event) } });
    expect(said.join()).toContain('half made by an earlier try of this restore, is dropped');
    expect(await readWhole(world.source, database)).toEqual(whole);
  });

  it('that could not be recorded stands, is named, and is ended by the next one', async () => {
    const database = world.fresh('unrecorded');
    const record = () => Promise.reject(new StoreUnavailable('record of a test', 'it broke'));
    const end = await failed(points[format], database, { ports: { record } });
    expect(end).toMatchObject({ failure: 'VaultUnavailable' });
    expect(end?.message).toContain(`the half-made database "${database}" is kept`);
    const said: string[] = [];
    await world.restore(points[format], database, { ports: { report: (event) => said.push(event) } });
    expect(said.join()).not.toContain('is being filled');
    expect(await readWhole(world.source, database)).toEqual(whole);
  });
});

it('a plain dump of several zstd frames is restored whole', async () => {
  const made = await makePoint(world.source, { dump: { format: 'plain', compression: { method: 'zstd', level: 1 } } });
  const inFrames = (bytes: Buffer) => {
    const text = zstdDecompressSync(bytes);
    const middle = text.length >> 1;
    return Buffer.concat([zstdCompressSync(text.subarray(0, middle)), zstdCompressSync(text.subarray(middle))]);
  };
  const database = world.fresh('frames');
  await world.restore(await forgePoint(made, { point: '20260602T020000Z', dump: inFrames }), database);
  expect(await readWhole(world.source, database)).toEqual(whole);
});

it.each([
  ['rest', 'rest'],
  ['toc', 'toc.dat'],
] as const)('contents in %s that are as they were stored, and no archive, are damage', async (role, named) => {
  const { reader, manifest } = points.segmented;
  const bytes = role === 'rest' ? zstdCompressSync('PGDMP of no release') : Buffer.from('PGDMP of no release');
  const crc = { algorithm: 'CRC32' as const, value: encodeCrc32(addToCrc32(bytes)) };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const objects = manifest.objects.map((object) => (object.role === role ? { ...object, crc, sha256, sizeBytes: bytes.length } : object));
  const keys = new Set(objects.flatMap((object) => (object.role === role ? [object.key] : [])));
  const others: typeof reader = {
    ...reader,
    head: async (ref) => (keys.has(ref.key) ? { ...(await reader.head(ref))!, sizeBytes: bytes.length, crc } : reader.head(ref)),
    read: (ref) => (keys.has(ref.key) ? Readable.from([bytes]) : reader.read(ref)),
  };
  const work = openArchive(
    { reader: others, manifest: { ...manifest, dump: { ...manifest.dump, compression: 'zstd' }, objects } },
    new AbortController().signal,
  );
  expect(await work.then(() => undefined, describeEnd)).toMatchObject({
    failure: 'PointDamaged',
    message: expect.stringMatching(new RegExp(`${named}: it is no archive that this release reads`)) as string,
  });
});

it('a try that ends before it can take over what an earlier one left names it', async () => {
  const database = world.fresh('kept');
  await stopped(points.segmented, database, 'Rows are being loaded', new Interrupted('SIGTERM'));
  const read = (ref: Parameters<MadePoint['reader']['read']>[0]) => {
    if (ref.key.includes('/rest-')) throw new StoreUnavailable('read of a test', 'it broke');
    return points.segmented.reader.read(ref);
  };
  const reader = { ...points.segmented.reader, read };
  const end = await failed(points.segmented, database, { ports: { reader } });
  expect(end).toMatchObject({ failure: 'VaultUnavailable' });
  expect(end?.message).toContain(`the half-made database "${database}" of an earlier try is kept`);
  expect(end?.advice).toContain(`DROP DATABASE "${database}" WITH (FORCE)`);
  const again = await stopped(points.segmented, database, 'The bytes of the point', new Interrupted('SIGTERM'));
  expect(again).toMatchObject({ failure: 'Interrupted' });
  expect(again?.message).toContain('of an earlier try is kept');
  await world.restore(points.segmented, database);
  expect(await readWhole(world.source, database)).toEqual(whole);
});

it('a run that is to drop its database leaves it to who has taken it over in the same moment', async () => {
  const database = world.fresh('raced');
  const login = loginTo(world.source);
  const identityOf = async () => {
    const client = await connectToTestServer(database);
    const { rows } = await client.query<{ identity: string }>(`SELECT identity FROM ${PROGRESS_SCHEMA}.restore`);
    await client.end();
    return rows[0]?.identity ?? '';
  };
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const reader = {
    ...points.segmented.reader,
    async *read(ref: Parameters<MadePoint['reader']['read']>[0]) {
      if (ref.key.includes('/archive/') && !ref.key.endsWith('toc.dat')) {
        begun.resolve();
        await goOn.promise;
      }
      yield* points.segmented.reader.read(ref);
    },
  };
  const abort = new AbortController();
  let isOver = false;
  const first = failed(points.segmented, database, { ports: { reader }, signal: abort.signal }).finally(() => (isOver = true));
  await begun.promise;
  await withDatabaseLock(login, 'another run', database, async () => {
    abort.abort(new TaskTimedOut(1));
    goOn.resolve();
    await sleep(500);
    expect(isOver).toBe(false);
    const session = await openLoadSession({ ...login, database }, 'another run');
    await takeOver(session, { schema: PROGRESS_SCHEMA, holder: 'another' }, await identityOf());
    await session.close();
  });
  expect((await first)?.message).toContain('taken over');
  expect(await world.exists(database)).toBe(true);
  await world.restore(points.segmented, database);
  expect(await readWhole(world.source, database)).toEqual(whole);
});

it('an event trigger that is somebody else’s, as an extension’s is on a managed server, stays as it is', async () => {
  const login = { user: `restorer_${uniqueSuffix()}`, password: 'secret' };
  await world.client.query(`CREATE ROLE ${login.user} LOGIN CREATEDB PASSWORD 'secret'`);
  const asset = { ...points.segmented.asset, restore: { secret: 'restores', noOwner: true, noPrivileges: true } };
  const noTrigger = { tables: ['public.narrow', 'public.wide'] };
  const database = world.fresh('managed');
  const over: Over = { login, order: { asset, selection: noTrigger } };
  const kept = await stopped(points.segmented, database, 'The rows are loaded', new Interrupted('SIGTERM'), over);
  expect(kept?.message).toContain('is kept');
  const admin = await connectToTestServer(database);
  await admin.query(`CREATE SCHEMA theirs; CREATE FUNCTION theirs.log() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
    CREATE EVENT TRIGGER theirs ON ddl_command_end EXECUTE FUNCTION theirs.log()`);
  await world.restore(points.segmented, database, over);
  const { rows } = await admin.query<{ mode: string }>(`SELECT evtenabled AS mode FROM pg_event_trigger`);
  expect(rows).toEqual([{ mode: 'O' }]);
  expect((await admin.query('SELECT FROM pg_namespace WHERE nspname = $1', [PROGRESS_SCHEMA])).rowCount).toBe(0);
  await admin.end();
  await world.client.query(`DROP DATABASE "${database}" WITH (FORCE)`);
  await world.client.query(`DROP ROLE ${login.user}`);
});
