/** A dump that ends in the middle: by the server, by the network, by a program that lies, by a stop. Never a point, and the next succeeds. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { DumpPorts } from '../../../tasks/dump/dump-point.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { Interrupted } from '../../../tasks/run-task.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import type { TcpProxy } from '../../helpers/tcp-proxy.ts';
import { tcpProxy } from '../../helpers/tcp-proxy.ts';
import { dumpRequest, failureOf, leftovers, loginTo, NOTHING, SMALL_SEGMENTS, testPorts } from './ports.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

/** Past the catalogue, in the rows of the table. */
const IN_THE_ROWS = 2_000_000;
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const random = seededRandom('attempts after an interrupted one');

sampleTests('interruptions of a dump', 0.12);

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('interrupted');
  const client = await source.connect();
  // All of the first table may be in the buffers of the network when the session ends; for the second one it has to be there still.
  await client.query(`CREATE TABLE t AS SELECT i AS id, repeat(md5(i::text), 8) AS text FROM generate_series(1, 24000) i;
    CREATE TABLE z AS SELECT 1 AS id`);
});
afterAll(() => source.drop());

async function interruptedDump(
  interrupt: (proxy: TcpProxy) => Promise<void> | void,
  over: Partial<DumpPorts> = {},
  dump: Parameters<typeof dumpRequest>[0] = {},
) {
  const proxy = await tcpProxy(source);
  const ports = await testPorts(loginTo(source, { port: proxy.port }), inject('postgres').binDir, { limits: SMALL_SEGMENTS, ...over });
  proxy.stopAfter(IN_THE_ROWS);
  const failing = failureOf(dumpPoint(dumpRequest(dump), ports));
  await proxy.stopped;
  await interrupt(proxy);
  const failure = await failing;
  expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  proxy.goOn();
  // The next attempt, in the same vault.
  if (isSoak || random.below(4) === 0)
    expect((await dumpPoint(dumpRequest(dump, '0001-2'), { ...ports, signal: new AbortController().signal })).committed).toBe(true);
  await proxy.close();
  ports.cleanUp();
  return failure;
}

describe.each(['custom', 'plain', 'segmented'] as const)('a %s dump in the middle of its rows', (format) => {
  it('whose session is ended by an administrator', async () => {
    const failure = await interruptedDump(
      async (proxy) => {
        const admin = await source.connect();
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
        proxy.goOn();
      },
      {},
      { format },
    );
    expect(failure).toMatchObject({ failure: 'DumpInterruptedByServer' });
  });
  it('whose connection breaks', async () => {
    expect((await interruptedDump((proxy) => proxy.cut(), {}, { format })).failure).toBe('DumpInterruptedByServer');
  });
  it('whose bytes no longer move', async () => {
    const failure = await interruptedDump(
      () => undefined,
      { limits: { ...SMALL_SEGMENTS, stallMilliseconds: 1500, reportMilliseconds: 500 } },
      { format },
    );
    expect(failure.failure).toBe('Stalled');
  });
  it('that is told to stop', async () => {
    const stop = new AbortController();
    const failure = await interruptedDump(() => stop.abort(new Interrupted('SIGTERM')), { signal: stop.signal }, { format });
    expect(failure.failure).toBe('Interrupted');
  });
});

describe('a table that another session holds', () => {
  it.each([
    ['custom', '57014'],
    ['segmented', '55P03'],
  ] as const)('is named (%s)', async (format, sqlstate) => {
    const admin = await source.connect();
    await admin.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    const ports = await testPorts(loginTo(source), inject('postgres').binDir);
    // The plan's unit is the minute; the lock is waited for as long as the watch would.
    const asset = dumpRequest({ format }).asset;
    const failure = await failureOf(
      dumpPoint(
        { ...dumpRequest(), asset: { ...asset, dump: { ...asset.dump, stallMinutes: 0.01 } } },
        { ...ports, limits: { stallMilliseconds: 20_000 } },
      ),
    );
    await admin.query('ROLLBACK');
    expect(failure).toMatchObject({ failure: 'Stalled', sqlstate });
    expect(failure.object).toContain('t');
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
});

describe('a pg_dump that', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-program-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function dumpWith(script: (real: string) => string, dump: Parameters<typeof dumpRequest>[0]) {
    const ports = await testPorts(loginTo(source), inject('postgres').binDir);
    const real = ports.pgDump.path;
    writeFileSync(join(directory, 'pg_dump'), `#!/bin/sh\ncase "$1" in --version) exec ${real} --version;; esac\n${script(real)}\n`);
    chmodSync(join(directory, 'pg_dump'), 0o755);
    const pgDump = await findProgram('pg_dump', `${directory}:${ports.searchPath}`);
    const failure = await failureOf(dumpPoint(dumpRequest(dump), { ...ports, pgDump }));
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
    ports.cleanUp();
    return failure.failure;
  }

  it.each(['custom', 'plain'] as const)('says that all went well after a part of a %s dump', async (format) => {
    for (const bytes of [0, 3, 500_000])
      expect(await dumpWith((real) => `${real} "$@" | head -c ${bytes}`, { format }), `${bytes} bytes`).toBe('DumpTruncated');
  });
  it('leaves out the last line', async () => {
    expect(await dumpWith((real) => `${real} "$@" | sed -e '/PostgreSQL database dump complete/d'`, { format: 'plain' })).toBe(
      'DumpTruncated',
    );
  });
  it('is killed', async () => {
    expect(await dumpWith((real) => `${real} "$@" & sleep 0.2; kill -9 $$`, { format: 'custom' })).toBe('DumpTruncated');
  });
  it('ends with an error after a whole dump', async () => {
    expect(await dumpWith((real) => `${real} "$@"; exit 3`, { format: 'plain' })).toBe('DumpFailed');
  });
});
