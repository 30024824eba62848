import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startShaper, type Shaper } from '../../bench/scenarios/shaped.ts';

const BYTES = 2_000_000;
const BYTES_PER_SECOND = 4_000_000;
const SECONDS = BYTES / BYTES_PER_SECOND;

const source = createServer((socket) => socket.end(Buffer.alloc(BYTES, 1)));
let shaper: Shaper;

beforeAll(async () => {
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  shaper = await startShaper((source.address() as AddressInfo).port, BYTES_PER_SECOND);
});
afterAll(async () => {
  await shaper.stop();
  source.close();
});

async function readAll(): Promise<{ bytes: number; seconds: number }> {
  const startedAt = performance.now();
  let bytes = 0;
  for await (const chunk of connect(shaper.port, '127.0.0.1')) bytes += (chunk as Buffer).length;
  return { bytes, seconds: (performance.now() - startedAt) / 1000 };
}

it('gives every byte, and not before its time', async () => {
  const { bytes, seconds } = await readAll();
  expect(bytes).toBe(BYTES);
  // What may be sent at once is taken off, and what the machine's own sockets hold does not matter: the client reads to the end.
  expect(seconds).toBeGreaterThan(SECONDS * 0.9);
});

it('gives each connection a rate of its own', async () => {
  const startedAt = performance.now();
  const all = await Promise.all([readAll(), readAll(), readAll()]);
  expect(all.map(({ bytes }) => bytes)).toEqual([BYTES, BYTES, BYTES]);
  // One after the other, or from one bucket, they would take three times as long.
  expect((performance.now() - startedAt) / 1000).toBeLessThan(SECONDS * 2.5);
});
