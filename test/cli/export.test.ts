/** What `holdfast export` leaves behind is read by stock programs alone: those of the test server, and older and newer ones. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTarget } from '../../cli/export/target-directory.ts';
import { writePoint, type ExportOrder } from '../../cli/export/write-point.ts';
import type { Context } from '../../cli/verb.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { dumpPoint } from '../../tasks/dump/dump-point.ts';
import { DiskTooSmall } from '../../tasks/restore/errors.ts';
import { readContent } from '../helpers/database-content.ts';
import { otherPrograms } from '../helpers/other-postgres.ts';
import { openPlainDoor, type PlainDoor } from '../helpers/plain-door.ts';
import { freshDatabase, type FreshDatabase } from '../helpers/servers.ts';
import { assetPlan, loginTo, SMALL_SEGMENTS, testPorts } from '../tasks/dump/ports.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { makeWorld, type World } from './world.ts';

const run = promisify(execFile);
const POINTS = {
  segmented: '20261121T010000Z',
  newer: '20261121T020000Z',
  custom: '20261121T030000Z',
  plain: '20261121T040000Z',
  newerCustom: '20261121T050000Z',
};
const manifests = new Map<string, Manifest>();
let world: World;
let source: FreshDatabase;
/** Of the source, which nobody changes. */
let content: Awaited<ReturnType<typeof readContent>>;
let door: PlainDoor;
let eighteen: Awaited<ReturnType<typeof otherPrograms>>;
let directory: string;

async function dump(point: string, format: 'segmented' | 'custom' | 'plain', by: 'own' | 'newer'): Promise<void> {
  const login =
    by === 'own' ? loginTo(source) : loginTo(source, { host: '127.0.0.1', port: door.port, tls: { mode: 'disable', ca: undefined } });
  const ports = await testPorts(login, by === 'own' ? source.binDir : eighteen.binDir, { limits: SMALL_SEGMENTS });
  const asset = assetPlan({ format, ...(by === 'newer' ? { compression: { method: 'gzip' } } : {}) }, { id: 'postgres' });
  const request = { system: world.system, asset, point, attempt: '0001-1' };
  manifests.set(point, (await dumpPoint(request, { ...ports, vault: world.vault.writer })).manifest);
  ports.cleanUp();
}

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  Object.assign(process.env, emulatorEnvironment());
  source = await freshDatabase('export');
  door = await openPlainDoor(source);
  eighteen = await otherPrograms(18);
  directory = mkdtempSync(join(tmpdir(), 'holdfast-export-'));
  await (
    await source.connect()
  ).query(`
    CREATE TABLE big (id int PRIMARY KEY, text text, ref int);
    INSERT INTO big SELECT i, repeat(md5(i::text), 6), i FROM generate_series(1, 12000) i;
    ALTER TABLE big ADD FOREIGN KEY (ref) REFERENCES big; CREATE INDEX ON big (text);
    CREATE TABLE parts (id int, text text) PARTITION BY RANGE (id);
    CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (500); CREATE TABLE high PARTITION OF parts DEFAULT;
    INSERT INTO parts SELECT i, repeat(md5(i::text), 3) FROM generate_series(1, 6000) i;
    CREATE TABLE small (id serial PRIMARY KEY, "odd "" name" text); INSERT INTO small ("odd "" name") VALUES (E'a\\tb\\\\.\\n'), (NULL);
    CREATE TABLE nothing (id int);
    SELECT count(lo_from_bytea(200000 + i, convert_to(repeat('x' || i, i), 'UTF8'))) FROM generate_series(0, 60) i;
    SELECT lo_from_bytea(199999, convert_to(repeat('large enough for several blocks', 100000), 'UTF8'));
    COMMENT ON LARGE OBJECT 200007 IS 'seven';`);
  content = await readContent(await source.connect());
  await dump(POINTS.segmented, 'segmented', 'own');
  await dump(POINTS.newer, 'segmented', 'newer');
  await dump(POINTS.custom, 'custom', 'own');
  await dump(POINTS.plain, 'plain', 'own');
  await dump(POINTS.newerCustom, 'custom', 'newer');
}, 120_000);
afterAll(async () => {
  await door?.close();
  await source?.drop();
  rmSync(directory, { recursive: true, force: true });
  world?.remove();
});

const exporting = (words: string[]) =>
  holdfastHere(['export', ...words, '--plan', world.plan], { environment: emulatorEnvironment(), directory });

/** @returns the directory */
async function exported(name: string, words: string[]): Promise<string> {
  const { code, stderr } = await exporting([...words, '--to', name, '--quiet']);
  expect([code, stderr]).toEqual([0, '']);
  return join(directory, name);
}

/** A new database, filled by one call of a program each. */
async function restored(binDir: string, calls: string[][], program = 'pg_restore'): Promise<void> {
  const target = await freshDatabase('exported');
  try {
    const isOwn = binDir === target.binDir;
    const env = isOwn ? target.libpq : { ...target.libpq, PGHOST: '127.0.0.1', PGPORT: String(door.port), PGSSLMODE: 'disable' };
    for (const args of calls) {
      const call = run(join(binDir, program), [`--dbname=${target.database}`, ...args], { env, maxBuffer: 2 ** 26 });
      await call.catch((error: { stderr?: string }) => {
        // A newer pg_restore sets what an older server does not know, and goes on.
        const errors = (error.stderr ?? '').split('\n').filter((line) => / error: |^Command was/.test(line));
        expect(errors.filter((line) => !line.includes('transaction_timeout'))).toEqual([]);
        expect(isOwn).toBe(false);
      });
    }
    expect(await readContent(await target.connect())).toEqual(content);
  } finally {
    await target.drop();
  }
}

describe('a segmented point', () => {
  it('is one directory for the pg_restore of its own major, with several jobs', async () => {
    expect(manifests.get(POINTS.segmented)!.objects.filter(({ role }) => role === 'segment').length).toBeGreaterThan(6);
    const into = await exported('own', [POINTS.segmented]);
    await restored(source.binDir, [['--exit-on-error', '--format=directory', '--jobs=4', into]]);
    await restored(source.binDir, [['--exit-on-error', '--single-transaction', into]]);
    for (const file of readdirSync(into)) expect([file, statSync(join(into, file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(statSync(into).mode & 0o777).toBe(0o700);
    expect(readdirSync(into)).toEqual(expect.arrayContaining(['toc.dat', 'settings.sql', 'blobs.toc', 'blob_200000.dat.gz']));
  });

  it('has other contents for rows alone with triggers disabled', async () => {
    const into = await exported('serial', [POINTS.segmented]);
    const onlyRows = ['--data-only', '--disable-triggers', '--jobs=4'];
    const target = await freshDatabase('exported');
    const call = (args: string[]) =>
      run(join(source.binDir, 'pg_restore'), [`--dbname=${target.database}`, '--exit-on-error', ...args], { env: target.libpq });
    await call(['--schema-only', into]);
    copyFileSync(join(into, 'toc-serial.dat'), join(into, 'toc.dat'));
    await call([...onlyRows, into]);
    expect(await readContent(await target.connect())).toEqual(content);
    await target.drop();
  });

  it('of a newer pg_dump is read by the older pg_restore that it was made for', async () => {
    const into = await exported('for-15', [POINTS.newer, '--for', 'pg15']);
    await restored(source.binDir, [['--exit-on-error', '--format=directory', '--jobs=4', into]]);
  });

  it('of a newer pg_dump is read by the newer pg_restore, uncompressed too', async () => {
    const as = await exported('for-18', [POINTS.newer]);
    await restored(eighteen.binDir, [['--format=directory', '--jobs=3', as]]);
    const plain = await exported('for-18-plain', [`postgres/${POINTS.newer}`, '--for', 'pg18', '--compression', 'none']);
    await restored(eighteen.binDir, [['--format=directory', '--jobs=3', plain]]);
    expect(readdirSync(plain).filter((file) => /\.(gz|zst)$/.test(file))).toEqual([]);
  });

  it('keeps its zstd for a pg_restore that reads it, and says that it must', async () => {
    const { code, stdout } = await exporting([POINTS.segmented, '--to', 'zstd', '--for', 'pg16']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^exported postgres\/.*\n.*must be built with it\n(?:.*\n)* +pg_restore --format directory/);
    const into = join(directory, 'zstd');
    const frames = readdirSync(into).filter((file) => file.endsWith('.zst'));
    expect(frames.length).toBeGreaterThan(60);
    for (const file of frames.slice(-12)) await run('zstd', ['--test', '--quiet', join(into, file)]);
  });
});

describe('a point of another format', () => {
  it('is a file for pg_restore, to be restored by the commands that are told', async () => {
    const { stdout } = await exporting([POINTS.custom, '--to', 'custom']);
    const calls = [...stdout.matchAll(/^ +pg_restore (.*) --dbname <database> (.*)$/gm)].map(([, options, file]) => [
      ...(options ?? '').split(' '),
      file ?? '',
    ]);
    // In one go, several jobs make triggers of partitioned tables while rows still arrive.
    expect(calls.map((words) => words.find((word) => word.startsWith('--section')))).toEqual(
      ['pre-data', 'data', 'post-data'].map((section) => `--section=${section}`),
    );
    await restored(source.binDir, calls);
  });
  it('is text for psql', async () => {
    const into = await exported('plain', [POINTS.plain]);
    await restored(source.binDir, [['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--file=${join(into, 'dump.sql')}`]], 'psql');
  });
});

describe('refused, with nothing left behind:', () => {
  const nothing = async (words: string[], to: string, message: RegExp, code = 64) => {
    const end = await exporting([...words, '--to', to]);
    expect(end.stderr).toMatch(message);
    expect(end.code).toBe(code);
    expect(end.stdout).toBe('');
  };
  it('a directory that holds something, before anything is asked', async () => {
    mkdirSync(join(directory, 'full'));
    writeFileSync(join(directory, 'full', 'mine'), 'kept');
    await nothing(['20250101T000000Z'], 'full', /is not empty/);
    expect(readdirSync(join(directory, 'full'))).toEqual(['mine']);
    await nothing([POINTS.custom], 'full/mine', /is not a directory/);
    await nothing([POINTS.custom], 'no/where', /no directory above it/);
  });
  it('what the pg_restore cannot read', async () => {
    await nothing([POINTS.newerCustom, '--for', 'pg15'], 'x', /archive is one of pg_dump 18.*none beyond 1\.14[\s\S]*--for pg18/);
    await nothing([POINTS.segmented, '--for', 'pg15', '--compression', 'zstd'], 'x', /reads no zstd/);
    await nothing([POINTS.segmented, '--for', 'pg9'], 'x', /--for is pg15, pg16, pg17, pg18/);
    expect(existsSync(join(directory, 'x'))).toBe(false);
  });
  it('a point with a byte that is another one', async () => {
    const manifest = manifests.get(POINTS.segmented)!;
    const segment = manifest.objects.findLast(({ role }) => role === 'segment')!;
    const order = orderOf(POINTS.segmented, 'damaged', {
      ...world.vault.reader,
      async *read(ref) {
        for await (const chunk of world.vault.reader.read(ref)) {
          const bytes = Buffer.from(chunk);
          if (ref.key === segment.key) bytes[bytes.length - 1]! ^= 1;
          yield bytes;
        }
      },
    });
    mkdirSync(order.directory);
    await expect(
      writePoint(
        contextOf(() => () => undefined),
        order,
      ),
    ).rejects.toMatchObject({ failure: 'PointDamaged' });
    expect(readdirSync(order.directory)).toEqual([]);
    await expect(
      writePoint(
        contextOf(() => () => undefined),
        { ...order, directory: join(directory, 'new') },
      ),
    ).rejects.toThrow(/SHA-256/);
    expect(existsSync(join(directory, 'new'))).toBe(false);
    const shared = join(directory, 'shared');
    await expect(
      writePoint(
        contextOf(() => () => undefined),
        {
          ...order,
          directory: shared,
          reader: {
            ...order.reader,
            read(ref) {
              writeFileSync(join(shared, 'mine'), 'kept');
              return order.reader.read(ref);
            },
          },
        },
      ),
    ).rejects.toThrow(/SHA-256[\s\S]*what is half-made could not be removed: \S+shared \(ENOTEMPTY\)/);
    expect(readdirSync(shared)).toEqual(['mine']);
  });
  it('a disk that is too small', async () => {
    const into = join(directory, 'too-big');
    await expect(openTarget(into, 2 ** 60, new AbortController().signal)).rejects.toBeInstanceOf(DiskTooSmall);
    expect(existsSync(into)).toBe(false);
  });
});

it('stopped by ^C at any object, it leaves nothing', async () => {
  const { length } = manifests.get(POINTS.segmented)!.objects;
  for (const at of [1, length >> 1, length]) {
    let interrupt = () => undefined as void;
    let reads = 0;
    const order = orderOf(POINTS.segmented, `stopped-${at}`, {
      ...world.vault.reader,
      read(ref) {
        reads += 1;
        if (reads === at) interrupt();
        return world.vault.reader.read(ref);
      },
    });
    const answer = await writePoint(
      contextOf((handler) => {
        interrupt = handler;
        return () => undefined;
      }),
      order,
    );
    expect(answer).toMatchObject({ exit: 'StoppedWatching', data: { status: 'stopped' } });
    expect(existsSync(order.directory)).toBe(false);
  }
});

const orderOf = (point: string, to: string, reader: ExportOrder['reader']): ExportOrder => ({
  name: { system: world.system, asset: 'postgres', point },
  from: 'vault',
  manifest: manifests.get(point)!,
  reader,
  directory: join(directory, to),
  major: undefined,
  compression: undefined,
});

const contextOf = (onInterrupt: Context['frame']['onInterrupt']): Context =>
  ({ isQuiet: true, frame: { onInterrupt } }) as unknown as Context;
