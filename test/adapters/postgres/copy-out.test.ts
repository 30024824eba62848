/** Rows out of the socket, with TLS and without, however the network cuts them. */
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import { openSegmentSession } from '../../../adapters/postgres/segment-session.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import { loginTo } from '../../tasks/dump/ports.ts';

const random = seededRandom('rows cut by the network');
/** The messages of the protocol begin with 5 bytes: every way to cut those comes up. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Speaks without TLS to whoever connects and with TLS to the server, and hands on its bytes in pieces of any size. */
async function plainBridge(target: FreshDatabase): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((client) => {
    const raw = connect(target.port, target.host, () => raw.write(SSL_REQUEST));
    raw.once('data', () => {
      const upstream = connectTls({ socket: raw, ca: target.ca, host: target.host });
      client.pipe(upstream);
      upstream.on('data', (bytes: Buffer) => {
        for (let at = 0; at < bytes.length;) {
          const count = 1 + random.below(random.below(4) === 0 ? 7 : 20_000);
          client.write(bytes.subarray(at, at + count));
          at += count;
        }
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        one.on('error', () => undefined).on('close', () => other.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

let source: FreshDatabase;
let bridge: Awaited<ReturnType<typeof plainBridge>>;
let snapshot: string;
beforeAll(async () => {
  source = await freshDatabase('copy_out');
  bridge = await plainBridge(source);
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, repeat(chr(97 + i % 26), CASE WHEN i % 5000 = 0 THEN 300000 ELSE (i * 7919) % 400 END) AS text
    FROM generate_series(1, 20000) i`);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  snapshot = (await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id')).rows[0]?.id ?? '';
});
afterAll(async () => {
  await source.drop();
  await bridge.close();
});

const open = (isPlain: boolean) =>
  openSegmentSession({
    login: loginTo(source, isPlain ? { port: bridge.port, tls: { mode: 'disable', ca: undefined } } : {}),
    applicationName: 'test',
    snapshot,
    tables: ['public.t'],
  });
const EXPECTED = Array.from({ length: 20000 }, (_, index) => {
  const i = index + 1;
  return `${i}\t${String.fromCharCode(97 + (i % 26)).repeat(i % 5000 === 0 ? 300_000 : (i * 7919) % 400)}\n`;
}).join('');

describe.each([
  ['with TLS', false],
  ['without TLS, cut anywhere', true],
])('rows %s', (_, isPlain) => {
  it('arrive as they are, time after time, through pauses', async () => {
    const session = await open(isPlain);
    for (let time = 0; time < 3; time++) {
      const pieces: Buffer[] = [];
      const rows = await session.copy('read', 'COPY public.t TO STDOUT', (bytes) => {
        pieces.push(Buffer.from(bytes));
        if (pieces.length % 10 !== 1) return;
        session.pause();
        setTimeout(() => session.resume(), 1);
      });
      expect(rows).toBe(20000);
      expect(Buffer.concat(pieces).toString() === EXPECTED).toBe(true);
    }
    await session.close();
  });
  it('that cannot be read are an error with an SQLSTATE, and the next query works', async () => {
    const session = await open(isPlain);
    const failing = session.copy('read', 'COPY (SELECT 1 / (id - 15000) FROM public.t) TO STDOUT', () => undefined);
    await expect(failing).rejects.toMatchObject({ sqlstate: '22012', name: PostgresFailed.name });
    await expect(session.copy('read', 'COPY public.t TO STDOUT', () => undefined)).rejects.toMatchObject({ sqlstate: '25P02' });
    await session.close();
  });
  it('that nobody counted are an error with a name, not a number that is none', async () => {
    const session = await open(isPlain);
    const reading = session.copy('read segment 1 of public.t', `SET LOCAL application_name = 'no rows'`, () => undefined);
    await expect(reading).rejects.toMatchObject({ name: PostgresFailed.name, failure: 'DumpFailed' });
    await expect(reading).rejects.toThrow('read segment 1 of public.t, whose end does not say how many rows there were');
    await session.close();
  });
  it('that nobody could take are told by the error of whoever should have', async () => {
    const session = await open(isPlain);
    const full = new Error('the block has no room');
    const reading = session.copy('read', 'COPY public.t TO STDOUT', () => {
      throw full;
    });
    await expect(reading).rejects.toBe(full);
    await session.close();
  });
  it('end with the session', async () => {
    const session = await open(isPlain);
    let isFirst = true;
    const reading = session.copy('read', 'COPY public.t TO STDOUT', () => {
      if (isFirst) session.pause();
      isFirst = false;
    });
    setTimeout(() => void session.close(), 50);
    await expect(reading).rejects.toMatchObject({ failure: 'DumpInterruptedByServer' });
  });
});
