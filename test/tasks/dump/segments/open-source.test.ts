/** Before a segmented dump reads anything: tables that come and go while they are locked, and very many of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToSource } from '../../../../adapters/postgres/connection.ts';
import type { SourceConnection } from '../../../../adapters/postgres/connection.ts';
import { openSource } from '../../../../tasks/dump/segments/open-source.ts';
import { watchProgress } from '../../../../tasks/dump/watch-progress.ts';
import type { FreshDatabase } from '../../../helpers/servers.ts';
import { freshDatabase } from '../../../helpers/servers.ts';
import { failureOf, loginTo } from '../ports.ts';

const TABLES = 8;
let source: FreshDatabase;
let admin: Client;
let connection: SourceConnection;
beforeAll(async () => {
  source = await freshDatabase('open_source');
  admin = await source.connect();
  for (let number = 1; number <= TABLES; number++) await admin.query(`CREATE TABLE t${number} AS SELECT 1 AS id`);
  connection = await connectToSource(loginTo(source), 'test');
});
afterAll(async () => {
  await connection.end();
  await source.drop();
});

/** @param before runs before the coordinator asks anything, and is told what that is */
const open = (before: (tried: string) => Promise<unknown>, moved: () => void, signal: AbortSignal) =>
  openSource(
    {
      ...connection,
      query: async (tried, sql, values) => {
        await before(tried);
        return connection.query(tried, sql, values);
      },
    },
    {
      major: 15,
      workers: 2,
      lockMilliseconds: 2_000,
      tableLimits: { tableBytes: 1, leastTableBytes: 1 },
      moved,
      signal,
    },
    async () => undefined,
  );

it.each([
  ['is dropped', 'CREATE SCHEMA s; CREATE TABLE s.a AS SELECT 1 AS id', 'DROP TABLE s.a', 'DROP SCHEMA s CASCADE'],
  ['is dropped with its schema', 'CREATE SCHEMA s; CREATE TABLE s.a AS SELECT 1 AS id', 'DROP SCHEMA s CASCADE', 'SELECT'],
  [
    'gives its name to a sequence',
    'CREATE SCHEMA s; CREATE TABLE s.a AS SELECT 1 AS id',
    'DROP TABLE s.a; CREATE SEQUENCE s.a',
    'DROP SCHEMA s CASCADE',
  ],
])('a table that %s, time after time, before it is locked makes a failure that is tried again', async (_, make, change, clear) => {
  let times = 0;
  const opening = open(
    async (tried) => {
      if (tried === 'list the tables') await admin.query(`DROP SCHEMA IF EXISTS s CASCADE; ${make}`);
      if (tried !== 'begin the transaction of the snapshot') return;
      await admin.query(change);
      times += 1;
    },
    () => undefined,
    new AbortController().signal,
  );
  const failure = await failureOf(opening);
  await connection.query('end', 'ROLLBACK');
  await admin.query(clear);
  expect(failure.failure).toBe('SourceChanged');
  expect(failure.message).toContain('s.a');
  expect(failure.message).toContain(`${times} times`);
  expect(times).toBe(5);
});

it('many tables, each of which is waited for a little, are no stall', async () => {
  const watch = watchProgress({
    what: 'The dump',
    stallMilliseconds: 400,
    reportMilliseconds: 60_000,
    monotonicMilliseconds: () => performance.now(),
    report: () => undefined,
  });
  const began = performance.now();
  const { tables } = await open(
    async (tried) => tried === 'lock a table' && sleep(150),
    () => watch.add(0),
    watch.signal,
  );
  watch.stop();
  await connection.query('end', 'ROLLBACK');
  expect(tables).toHaveLength(TABLES);
  expect(performance.now() - began).toBeGreaterThan(1_000);
  expect(watch.signal.aborted).toBe(false);
});
