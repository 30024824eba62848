/**
 * A database that others write to and alter while it is dumped: the dump is what the snapshot saw, or it fails in a way that is tried
 * again; it never hangs, and leaves no session behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES, type FailureName } from '../../core/failure/classes.ts';
import { describeEnd } from '../../tasks/run-task.ts';
import type { DumpPorts } from '../../tasks/dump/dump-point.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import {
  findLeftSessions,
  findTornContent,
  keepWriting,
  makeBusyDatabase,
  makeVictims,
  waitForDumpToHold,
} from './hazards/busy-database.ts';
import { HAZARDS, type Hazard } from './hazards/hazards.ts';
import { ownServer, type Server } from './servers.ts';
import { byTask, dump, SMALL_SEGMENTS, type Point } from './ways.ts';
import { sampleTests } from '../helpers/sample-tests.ts';

const DUMP_LIMIT_MS = 25_000;
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const TRIES = isSoak ? 40 : 1;

sampleTests('hazards of a dump', 0.12);

let server: Server;
let name: string;
let admin: Client;
const random = seededRandom('hazards of a dump');
/** One of them in `npm test`: all take some minutes. */
const tried = isSoak ? HAZARDS : [HAZARDS[random.below(HAZARDS.length)]!];
/** Of a dump that nobody disturbs: moments are drawn from it. */
let usualMs = 0;

beforeAll(async () => {
  server = await ownServer();
  name = await server.create('busy');
  admin = await server.connect(name);
  await makeBusyDatabase(admin);
  const startedAt = performance.now();
  await dump('segmented', { server, name });
  usualMs = performance.now() - startedAt;
});
afterAll(async () => {
  await admin.end();
  await server.close();
});
beforeEach(() => makeVictims(admin));

type End = { point: Point } | { failure: FailureName; message: string };

async function describeSessions(): Promise<string> {
  const { rows } = await admin.query<{ session: string }>(
    `SELECT concat_ws(' ', pid, application_name, state, wait_event_type, wait_event, 'after', pg_blocking_pids(pid), left(query, 90)) AS session
       FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  return rows.map(({ session }) => session).join('; ');
}

async function dumpWithin(limitMs: number, limits: DumpPorts['limits'] = {}): Promise<End> {
  const abort = new AbortController();
  const timer = setTimeout(
    () => void describeSessions().then((sessions) => abort.abort(new Error(`the dump hangs: ${sessions}`))),
    limitMs,
  );
  try {
    return {
      point: await dump('segmented', { server, name }, { over: { signal: abort.signal, limits: { ...SMALL_SEGMENTS, ...limits } } }),
    };
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    const { failure, message } = describeEnd(error);
    return { failure, message };
  } finally {
    clearTimeout(timer);
  }
}

/** No difference, and nothing of the dump left on the server. */
async function findProblems(point: Point): Promise<string[]> {
  const restored = await byTask(point, server);
  const client = await server.connect(restored.name);
  const torn = await findTornContent(client);
  await client.end();
  await server.drop(restored.name);
  return torn;
}

async function countLeftSessions(): Promise<number> {
  for (let tries = 0; ; tries++) {
    const left = await findLeftSessions(admin);
    // The server takes a moment to see that a client is gone.
    if (left === 0 || tries === 40) return left;
    await sleep(50);
  }
}

/** Does it on a connection of its own, and waits as long as locks take. */
async function disturb(hazard: Hazard, table: string): Promise<void> {
  const client = await server.connect(name);
  try {
    const said = hazard.said === undefined ? '' : `; INSERT INTO happened VALUES ('${table} ${hazard.said}')`;
    await client.query(hazard.isAlone ? hazard.sql(table) : `BEGIN; ${hazard.sql(table)}${said}; COMMIT`);
  } finally {
    await client.end();
  }
}

/** The dump with something beside it; afterwards the point is whole, or the failure one that a new try is worth, and that succeeds. */
async function expectWholeOrRetryable(beside: (isOver: () => boolean) => Promise<void>): Promise<void> {
  let isOver = false;
  const besides = beside(() => isOver);
  const end = await dumpWithin(DUMP_LIMIT_MS).finally(() => (isOver = true));
  await besides;
  expect(await countLeftSessions()).toBe(0);
  if ('failure' in end) {
    expect({ ...end, isRetryable: FAILURES[end.failure].isRetryable }).toMatchObject({ isRetryable: true });
    process.stdout.write(`  failed and is tried again: ${end.failure}: ${end.message}\n`);
  }
  const whole = 'point' in end ? end : await dumpWithin(DUMP_LIMIT_MS);
  if (!('point' in whole)) throw new Error(`the second try failed: ${whole.message}`);
  expect(await findProblems(whole.point)).toEqual([]);
}

describe('writers', () => {
  it('that move money between tables all the time', async () => {
    const writers = await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await server.connect(name);
        return { client, writing: keepWriting(client, random) };
      }),
    );
    try {
      for (let round = 0; round < TRIES; round++) {
        const end = await dumpWithin(DUMP_LIMIT_MS);
        expect(end).toHaveProperty('point');
        if ('point' in end) expect(await findProblems(end.point)).toEqual([]);
      }
    } finally {
      const moves = await Promise.all(writers.map(({ writing }) => writing.stop()));
      await Promise.all(writers.map(({ client }) => client.end()));
      expect(Math.min(...moves)).toBeGreaterThan(10);
    }
    expect(await findTornContent(admin)).toEqual([]);
  });
});

describe.each(['victim', 'victim_of_rest'])('%s', (table) => {
  describe.each(tried)('and $name', (hazard) => {
    it('as soon as the dump holds it', () =>
      expectWholeOrRetryable(async (isOver) => {
        const watcher = await server.connect(name);
        await waitForDumpToHold(watcher, table, isOver);
        await watcher.end();
        await disturb(hazard, table);
      }));
    it.each(Array.from({ length: TRIES }, (_, index) => index))('at a moment of the dump (%i)', async () => {
      const moment = random.below(Math.max(1, Math.round(usualMs)));
      await expectWholeOrRetryable(async () => {
        await sleep(moment);
        await disturb(hazard, table);
      });
    });
  });

  it('and an ALTER TABLE that waits for a reader when the dump comes', async () => {
    const reader = await server.connect(name);
    await reader.query(`BEGIN; SELECT FROM ${table} LIMIT 1`);
    await expectWholeOrRetryable(async () => {
      const altered = disturb(
        HAZARDS.find(({ said }) => said === 'widened')!,
        table,
      );
      await sleep(Math.max(300, usualMs / 2));
      await reader.query('COMMIT');
      await reader.end();
      await altered;
    });
  });

  it('that somebody else keeps: the dump ends', async () => {
    const holder = await server.connect(name);
    await holder.query(`BEGIN; LOCK TABLE ${table}`);
    const end = await dumpWithin(DUMP_LIMIT_MS, { stallMilliseconds: 1_500 }).catch((error: unknown) => describeEnd(error));
    await holder.query('ROLLBACK');
    await holder.end();
    expect(end).toMatchObject({ failure: 'Stalled' });
    expect(await countLeftSessions()).toBe(0);
  });
});
