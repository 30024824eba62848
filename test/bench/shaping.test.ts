import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKernelPacing, startProxy, type Shaper } from '../../bench/scenarios/shaped.ts';

const BYTES = 2_000_000;
const BYTES_PER_SECOND = 4_000_000;
const SECONDS = BYTES / BYTES_PER_SECOND;

const source = createServer((socket) => socket.end(Buffer.alloc(BYTES, 1)));
await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
const { port } = source.address() as AddressInfo;
afterAll(() => void source.close());

/** Only who may take the descriptors of a process can have the kernel pace it. */
const isKernelWilling = await startKernelPacing({ pid: process.pid, port }, BYTES_PER_SECOND).then(
  (pacing) => pacing.stop().then(() => true),
  () => false,
);

const SHAPERS: [string, boolean, () => Promise<Shaper>][] = [
  ['a proxy', true, () => startProxy(port, BYTES_PER_SECOND)],
  ['the kernel', isKernelWilling, () => startKernelPacing({ pid: process.pid, port }, BYTES_PER_SECOND)],
];

describe.each(SHAPERS.filter(([, isThere]) => isThere))('%s', (_name, _isThere, start) => {
  let shaper: Shaper;
  beforeAll(async () => {
    shaper = await start();
  });
  afterAll(() => shaper.stop());

  const readAll = async () => {
    const startedAt = performance.now();
    let bytes = 0;
    for await (const chunk of connect(shaper.port, '127.0.0.1')) bytes += (chunk as Buffer).length;
    return { bytes, seconds: (performance.now() - startedAt) / 1000 };
  };

  it('gives every byte, and not before its time', async () => {
    const { bytes, seconds } = await readAll();
    expect(bytes).toBe(BYTES);
    // A little may be sent at once, and the last of it only has to be sent.
    expect(seconds).toBeGreaterThan(SECONDS * 0.8);
  });

  it('gives each connection a rate of its own', async () => {
    const startedAt = performance.now();
    const all = await Promise.all([readAll(), readAll(), readAll()]);
    expect(all.map(({ bytes }) => bytes)).toEqual([BYTES, BYTES, BYTES]);
    // One after the other, or from one bucket, they would take three times as long.
    expect((performance.now() - startedAt) / 1000).toBeLessThan(SECONDS * 2.5);
  });
});

it('lets go of the rate', async () => {
  if (!isKernelWilling) return;
  const pacing = await startKernelPacing({ pid: process.pid, port }, BYTES_PER_SECOND / 4);
  await pacing.stop();
  const startedAt = performance.now();
  for await (const _ of connect(port, '127.0.0.1'));
  expect((performance.now() - startedAt) / 1000).toBeLessThan(SECONDS);
});
