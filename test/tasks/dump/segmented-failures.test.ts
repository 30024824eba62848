/** What happens to a segmented dump in the middle: a session that ends, a vault that fails, a table that changes. Whole, or named. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import type { DumpPorts } from '../../../tasks/dump/dump-point.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { Interrupted } from '../../../tasks/run-task.ts';
import type { Fault, FaultProxy, FaultRule } from '../../helpers/fault-proxy.ts';
import { faultProxy } from '../../helpers/fault-proxy.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase, rootSettings } from '../../helpers/servers.ts';
import type { TestPorts } from './ports.ts';
import { dumpRequest, failureOf, leftovers, loginTo, NOTHING, testPorts } from './ports.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

const MIB = 1024 ** 2;
const LIMITS = { tables: { tableBytes: MIB, leastTableBytes: MIB }, segments: { leastBytes: 16 * MIB, mostBytes: 16 * MIB } };

let source: FreshDatabase;
let admin: Client;
let proxy: FaultProxy;
sampleTests('failures of a segmented dump', 0.12);

beforeAll(async () => {
  proxy = await faultProxy(inject('emulator'));
  source = await freshDatabase('segments_fail');
  admin = await source.connect();
  // Incompressible enough for several parts a segment to be under way: what is the same is too far apart.
  await admin.query(`CREATE TABLE big AS WITH pattern AS MATERIALIZED (
      SELECT i, (SELECT string_agg(md5((i * 40 + j)::text), '') FROM generate_series(1, 40) j) AS text FROM generate_series(1, 9000) i)
    SELECT n * 9000 + i AS id, text FROM generate_series(0, 3) n, pattern ORDER BY id`);
});
afterAll(async () => {
  await proxy.close();
  await source.drop();
});

let ports: TestPorts;
beforeEach(async () => {
  proxy.rules.length = 0;
  ports = await testPorts(loginTo(source), inject('postgres').binDir, { limits: LIMITS });
  await admin.query('CREATE TABLE small AS SELECT i AS id FROM generate_series(1, 100) i');
});
afterEach(async () => {
  await admin.query('DROP TABLE IF EXISTS small');
  ports.cleanUp();
});

const startDump = (over: Partial<DumpPorts> = {}, dump: Parameters<typeof dumpRequest>[0] = {}) =>
  dumpPoint(dumpRequest({ format: 'segmented', workers: 2, ...dump }), { ...ports, ...over });

async function rowsOf(manifest: Manifest): Promise<string> {
  const texts: string[] = [];
  for (const { role, key, versionId } of manifest.objects) {
    if (role !== 'segment') continue;
    const body = (await ports.reader.get({ key, versionId }))?.body ?? new Uint8Array();
    texts.push(
      zstdDecompressSync(body)
        .toString()
        .replace(/\\\.\n\n\n$/, ''),
    );
  }
  return texts.join('');
}

async function expectWhole({ manifest, committed }: Awaited<ReturnType<typeof dumpPoint>>): Promise<void> {
  expect(committed).toBe(true);
  const ids = (await rowsOf(manifest))
    .split('\n')
    .slice(0, -1)
    .map((row) => Number(row.split('\t')[0]));
  expect(ids).toHaveLength(36000);
  expect(ids).toEqual(ids.map((_, index) => index + 1));
}

/** Ends sessions in the middle of a segment, `times` in all; answers how many it ended once `until` is settled. */
async function endReaders(times: number, until: Promise<unknown>): Promise<number> {
  let ended = 0;
  const over = new AbortController();
  void until.catch(() => undefined).finally(() => over.abort());
  while (!over.signal.aborted && ended < times) {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY (SELECT%' LIMIT 1`,
    );
    ended += rowCount ?? 0;
    await sleep(5);
  }
  await until.catch(() => undefined);
  return ended;
}

describe('a reading session that is ended in the middle', () => {
  it('once or twice is made again, in the same snapshot', async () => {
    const dump = startDump();
    expect(await endReaders(2, dump)).toBe(2);
    await expectWhole(await dump);
  });
  it('again and again is a failure with a name', async () => {
    const dump = startDump();
    await endReaders(Number.POSITIVE_INFINITY, dump);
    expect((await failureOf(dump)).failure).toBe('DumpInterruptedByServer');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
  it('is left to the others when somebody waits to alter the table', async () => {
    const altering = await source.connect();
    const dump = startDump();
    // The coordinator, two readers and pg_dump hold it, and none of them waits for whoever comes.
    while ((await sessionsThatHold('big')) < 4) await sleep(2);
    const altered = altering.query('ALTER TABLE big ADD COLUMN later int');
    expect(await endReaders(1, dump)).toBe(1);
    await expectWhole(await dump);
    await altered;
    await admin.query('ALTER TABLE big DROP COLUMN later');
  });
});

describe('somebody who waits to alter a table, before pg_dump holds it,', () => {
  it.each([false, true])('makes a failure that is tried again, and gets on (a schema beside: %s)', async (schemaOnlyBeside) => {
    const altering = await source.connect();
    const failing = failureOf(startDump({ pgDump: await pgDumpThat('sleep 0.5') }, { schemaOnlyBeside }));
    while ((await sessionsThatHold('big')) < 3) await sleep(2);
    const altered = altering.query('ALTER TABLE big ADD COLUMN later int');
    expect((await failing).failure).toBe('SourceChanged');
    await altered;
    await admin.query('ALTER TABLE big DROP COLUMN later');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
});

const sessionsThatHold = async (table: string) =>
  Number(
    (
      await admin.query<{ n: string }>(
        `SELECT count(DISTINCT pid) AS n FROM pg_locks WHERE relation = $1::regclass AND granted AND mode = 'AccessShareLock' AND pid <> pg_backend_pid()`,
        [table],
      )
    ).rows[0]?.n,
  );
const sessionsOfDumps = async () =>
  (await admin.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'holdfast %'`)).rowCount ??
  0;
const readers = async () =>
  (await admin.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (SELECT%'`)).rowCount ?? 0;

describe('a vault that fails', () => {
  const PART: FaultRule['matches'] = ({ method, path, query }) => method === 'PUT' && query.has('partNumber') && path.includes('/archive/');
  const BROKEN: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
  const CUT: Fault = { kind: 'cut-request', afterBytes: MIB };
  const throughProxy = () =>
    openBucket(ports.bucket, { ...rootSettings(), endpointUrl: proxy.endpointUrl }, { AWS_ENDPOINT_URL: proxy.endpointUrl }).writer;

  it.each([
    ['answers 503', BROKEN],
    ['breaks the connection', CUT],
  ])('%s to one part, longer than the SDK tries, has its segment read again', async (_, fault) => {
    // Every try of the SDK of this one part, and none of the others.
    let victim: string | undefined;
    const matches: FaultRule['matches'] = (asked) => {
      if (!PART(asked)) return false;
      const part = `${asked.path} ${asked.query.get('uploadId')} ${asked.query.get('partNumber')}`;
      victim ??= part;
      return part === victim;
    };
    proxy.rules.push({ matches, fault, times: 5 });
    const before = proxy.applied();
    await expectWhole(await startDump({ vault: throughProxy() }));
    expect(proxy.applied() - before).toBe(5);
    expect((await leftovers(ports.bucket, ports.scratchDir)).uploads).toEqual([]);
  });
  it('for good is a failure with a name, and leaves nothing', async () => {
    const fault: Fault = { kind: 'answer', status: 500, code: 'InternalError' };
    proxy.rules.push({ matches: PART, fault, times: Number.POSITIVE_INFINITY });
    expect((await failureOf(startDump({ vault: throughProxy() }))).failure).toBe('VaultUnavailable');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
  it('denies a part is not tried again', async () => {
    proxy.rules.push({ matches: PART, fault: { kind: 'answer', status: 403, code: 'AccessDenied' }, times: 1 });
    expect((await failureOf(startDump({ vault: throughProxy() }))).failure).toBe('VaultRefused');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
  it('takes nothing: the sessions wait, and the dump ends as stalled', async () => {
    const stuck = { ...ports.vault, upload: stallingUpload(ports.vault) };
    const failure = await failureOf(startDump({ vault: stuck, limits: { ...LIMITS, stallMilliseconds: 1500 } }));
    expect(failure.failure).toBe('Stalled');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
});

/** Takes one part of a segment and no more, until it is told to stop. */
function stallingUpload(vault: DumpPorts['vault']): DumpPorts['vault']['upload'] {
  return async (key, chunks, options) => {
    if (!key.includes('/archive/') || key.endsWith('toc.dat')) return vault.upload(key, chunks, options);
    for await (const _ of chunks) break;
    return new Promise((_, reject) => {
      const { signal } = options;
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  };
}

describe('a dump that is told to stop', () => {
  it('ends soon and leaves nothing', async () => {
    const stop = new AbortController();
    const dump = startDump({ signal: stop.signal });
    while ((await readers()) === 0) await sleep(5);
    const told = performance.now();
    stop.abort(new Interrupted('SIGTERM'));
    expect((await failureOf(dump)).failure).toBe('Interrupted');
    expect(performance.now() - told).toBeLessThan(5000);
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
    // A server process notices a moment later that nobody reads.
    while ((await sessionsOfDumps()) > 0) await sleep(20);
  });
});

const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-program-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The real pg_dump, after a shell command: what somebody does between the snapshot and the locks of pg_dump. */
async function pgDumpThat(command: string) {
  const { path } = ports.pgDump;
  writeFileSync(
    join(directory, 'pg_dump'),
    `#!/bin/sh\ncase "$1" in --version) exec ${path} --version;; esac\n${command}\nexec ${path} "$@"\n`,
  );
  chmodSync(join(directory, 'pg_dump'), 0o755);
  return findProgram('pg_dump', `${directory}:${ports.searchPath}`);
}

describe('a table that pg_dump reads and that, between the snapshot and its lock,', () => {
  // What happens to the small table takes no segment of many parts beside it.
  beforeAll(async () => {
    await admin.query('DELETE FROM big WHERE id > 3000');
    await admin.query('VACUUM FULL big');
  });
  const psql = (sql: string) => {
    const assignments = Object.entries(source.libpq).map(([name, value]) => `${name}='${value}'`);
    return `env ${assignments.join(' ')} ${join(inject('postgres').binDir, 'psql')} --no-psqlrc --quiet --command "${sql}" >&2 || exit 9`;
  };
  it.each([
    ['is truncated', 'TRUNCATE small'],
    ['is rewritten', 'ALTER TABLE small ALTER id TYPE bigint'],
    ['is dropped', 'DROP TABLE small'],
    ['loses a column', 'ALTER TABLE small ADD other int; ALTER TABLE small DROP id'],
    ['gets another name', 'ALTER TABLE small RENAME TO smaller; ALTER TABLE smaller RENAME TO small2'],
  ])('%s makes a failure that is tried again', async (_, sql) => {
    const { failure } = await failureOf(startDump({ pgDump: await pgDumpThat(psql(sql)) }));
    await admin.query('DROP TABLE IF EXISTS small2');
    expect(failure).toBe('SourceChanged');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
  it.each([
    ['gets an index', 'CREATE INDEX ON small (id)'],
    ['gets rows', 'INSERT INTO small VALUES (0)'],
    ['gets a column', 'ALTER TABLE small ADD other int'],
  ])('%s is dumped as it was', async (_, sql) => {
    const { manifest } = await startDump({ pgDump: await pgDumpThat(psql(sql)) });
    const rest = manifest.objects.find(({ role }) => role === 'rest');
    const body = (await ports.reader.get({ key: rest?.key ?? '', versionId: rest?.versionId }))?.body ?? new Uint8Array();
    const archive = join(directory, 'rest');
    writeFileSync(archive, zstdDecompressSync(body));
    const text = execFileSync(join(inject('postgres').binDir, 'pg_restore'), [
      '--data-only',
      '--table=small',
      '--file=-',
      archive,
    ]).toString();
    expect(/COPY public\.small \(id\) FROM stdin;\n([\s\S]*?)\\\.\n/.exec(text)?.[1]).toBe(
      Array.from({ length: 100 }, (__, index) => `${index + 1}\n`).join(''),
    );
  });
});
