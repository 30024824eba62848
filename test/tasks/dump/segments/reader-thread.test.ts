/** A thread that reads segments: what it does when nobody stores what it reads, and how it ends. */
import type { Client } from 'pg';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startReader } from '../../../../tasks/dump/segments/reader-thread.ts';
import type { ReaderThread } from '../../../../tasks/dump/segments/reader-thread.ts';
import type { FreshDatabase } from '../../../helpers/servers.ts';
import { freshDatabase } from '../../../helpers/servers.ts';
import { failureOf, loginTo } from '../ports.ts';

const PARTS = 3;
const PART_BYTES = 1024 ** 2;
const signal = new AbortController().signal;
const LONG = 'COPY (SELECT * FROM public.long) TO STDOUT';
const SHORT = 'COPY (SELECT * FROM public.short) TO STDOUT';

let source: FreshDatabase;
let coordinator: Client;
let snapshot: string;
let reader: ReaderThread;
beforeAll(async () => {
  source = await freshDatabase('reader_thread');
  coordinator = await source.connect();
  // Three times what a thread may have filled and not got back.
  await coordinator.query(`CREATE TABLE long AS SELECT (SELECT string_agg(md5((i * 1000 + j)::text), '') FROM generate_series(1, 32) j)
    FROM generate_series(1, 18000) i; CREATE TABLE short AS SELECT i FROM generate_series(1, 100) i`);
  await coordinator.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  snapshot = (await coordinator.query<{ id: string }>('SELECT pg_export_snapshot() AS id')).rows[0]?.id ?? '';
});
afterAll(() => source.drop());
const session = () => ({ login: loginTo(source), applicationName: 'test', snapshot, tables: ['public.long', 'public.short'] });
beforeEach(async () => {
  reader = startReader({ compression: { method: 'zstd', level: 1 }, partBytes: PART_BYTES, parts: PARTS }, () => undefined);
  await reader.connect(session());
});
afterEach(() => reader.close());

/** Stores nothing, but gives back what it gets. */
async function readAll(sql: string): Promise<{ rows: number | undefined; text: string }> {
  const reading = reader.read('read', sql, signal);
  const parts: Buffer[] = [];
  for await (const part of reading.parts) {
    parts.push(Buffer.from(part));
    reading.giveBack(part, true);
  }
  return { rows: (await reading.ended)?.rows, text: zstdDecompressSync(Buffer.concat(parts)).toString() };
}
const SHORT_ROWS = Array.from({ length: 100 }, (_, index) => `${index + 1}\n`).join('');

it('reads a segment that nobody stores any more to its end, and the next one whole', async () => {
  const reading = reader.read('read', LONG, signal);
  let taken = 0;
  for await (const _ of reading.parts) if (++taken === PARTS) break;
  const ended = await Promise.race([reading.ended, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
  expect(ended).toBe('waits');
  reading.abandon();
  expect((await reading.ended)?.rows).toBe(18000);
  expect(await readAll(SHORT)).toEqual({ rows: 100, text: `${SHORT_ROWS}\\.\n\n\n` });
  // It has as many parts as before.
  const again = reader.read('read', LONG, signal);
  let bytes = 0;
  for await (const part of again.parts) {
    bytes += part.length;
    again.giveBack(part, false);
  }
  expect((await again.ended)?.rows).toBe(18000);
  expect(bytes).toBeGreaterThan(2 * PARTS * PART_BYTES);
});

it('gives up what it reads when it is connected again, and takes no part of before', async () => {
  const reading = reader.read('read', LONG, signal);
  const late: Uint8Array[] = [];
  for await (const part of reading.parts) {
    late.push(part);
    if (late.length === PARTS) break;
  }
  await reader.connect(session());
  expect(await reading.ended).toBeUndefined();
  for (const part of late) reading.giveBack(part, true);
  expect((await readAll(SHORT)).rows).toBe(100);
});

it('that dies says what it was to do, and that the dump may be started again', async () => {
  // No buffer of that size can be made.
  const broken = startReader({ compression: { method: 'zstd', level: 1 }, partBytes: -1, parts: PARTS }, () => undefined);
  await broken.connect(session());
  const failure = await failureOf(
    (async () => {
      for await (const _ of broken.read('read segment 1 of public.short', SHORT, signal).parts);
    })(),
  );
  await broken.close();
  expect(failure.failure).toBe('Unexpected');
  expect(failure.message).toMatch(/was to read segment 1 of public\.short ended by itself \(\w+/);
  expect(failure.advice).toMatch(/Start the dump again/);
  expect((await failureOf(broken.connect(session()))).message).toBe(failure.message);
});

it('reads the next segment although the one before ended with all parts away, and all of them came back meanwhile', async () => {
  const narrow = startReader({ compression: { method: 'zstd', level: 1 }, partBytes: PART_BYTES, parts: 1 }, () => undefined);
  await narrow.connect(session());
  const store = async (sql: string) => {
    const reading = narrow.read('read', sql, signal);
    for await (const part of reading.parts) reading.giveBack(part, true);
    const read = await reading.ended;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return read?.rows;
  };
  try {
    // A block is full, and the only part with it, in the very bytes that bring the end of the rows too.
    for (let rows = 2047; rows < 2200; rows += 17) {
      const long = await store(`COPY (SELECT * FROM public.long LIMIT ${rows}) TO STDOUT`);
      const short = await Promise.race([store(SHORT), new Promise((resolve) => setTimeout(resolve, 3_000, 'hangs'))]);
      expect({ long, short }).toEqual({ long: rows, short: 100 });
    }
  } finally {
    await narrow.close();
  }
});
