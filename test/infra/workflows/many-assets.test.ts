/** A run of retention for as many assets and points as there can be: what Step Functions would refuse is far. */
import { expect, test } from 'vitest';
import { RetentionOutput } from '../../../core/retention/contract.ts';
import { retentionPolicy } from '../../../core/retention/policy.ts';
import type { PassState } from '../../../infra/asl/definition.ts';
import { TAKE_REQUEST } from '../../../infra/asl/request-state.ts';
import { DEFINITIONS } from './definitions.ts';
import { runMachine, type Answers } from './run-machine.ts';

/** Of one system; a catalog of 5,000 assets is that of 25 systems, each with a machine of its own. */
const ASSETS = Array.from({ length: 200 }, (_, number) => `tenant-${String(number).padStart(3, '0')}-main`);
/** Of one asset in one run. */
const POINTS = 500;
/** Step Functions takes 256 KiB and 25,000 events. */
const MOST_BYTES = 200 * 1024;
const MOST_EVENTS = 5000;

const run = '20261121T042001Z-3fa9c1';
const policy = retentionPolicy({
  retention: {
    hot: 'P30D',
    hourly: 'P2D',
    daily: 'P90D',
    monthly: 'P12M',
    yearly: 'P10Y',
    keepLast: 7,
    keepProven: 2,
    forever: false,
    cold: { after: 'P90D', class: 'deep-archive' },
  },
  schedule: { cron: '15 1 * * ? *', timeZone: 'America/Argentina/ComodRivadavia', longestRun: 'PT1H' },
});
const each = <T>(assets: readonly string[], value: T) => Object.fromEntries(assets.map((asset) => [asset, value]));
const line = JSON.stringify({
  system: 'ida',
  asset: ASSETS[0],
  point: '20261101T011500Z',
  manifestSha256: 'f'.repeat(64),
  reasons: ['no window keeps it, its age is 30 days'],
});

const answers = (points: number): Answers => ({
  'retention-list-assets': ({ payload }) => ({ run, assets: payload['assets'] as string[] }),
  'lock-find-due': () => ({ extend: [], settle: [], sign: [], unreadable: [], later: 0 }),
  'retention-decide-points': ({ payload }) => ({
    plan: `retention/ida/${payload['asset'] as string}/${run}.jsonl`,
    expires: points,
    later: 0,
    keeps: 3,
  }),
  'retention-expire-points': ({ payload }) => ({ expired: (payload['Items'] as unknown[]).length, kept: [] }),
  'retention-sweep-attempts': () => ({ attempts: [], objects: 3, bytes: 3e9, uploads: 0, refused: 0 }),
  'retention-mark-cold': () => ({ points: 1, marked: 4, later: 0 }),
  'retention-write-evidence': ({ payload }) => ({
    keys: [`evidence/ida/2026/expiry-${run}-${payload['asset'] as string}.json`],
    expired: points,
    failed: 0,
  }),
  'evidence-sign-objects': () => ({}),
  'lock-lock-objects': () => ({}),
  'copy-copy-records': () => ({}),
});

async function runFor(assets: readonly string[], points: number) {
  const definition = structuredClone(DEFINITIONS.retention);
  const first = definition.States[TAKE_REQUEST] as PassState;
  const term = { mode: 'governance', lengthDays: 30 };
  Object.assign(first.Assign ?? {}, { policies: each(assets, policy), terms: each(assets, term) });
  const end = await runMachine('retention', {}, answers(points), () => `${line}\n`.repeat(points), definition);
  const bytes = (value: unknown) => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)));
  const largestBytes = Math.max(
    ...end.calls.map(({ payload }) => bytes(payload)),
    ...end.history.flatMap(({ input, output }) => [bytes(input), bytes(output)]),
  );
  // An iteration of a distributed map is an execution with a history of its own.
  const own = end.history.filter(({ state = TAKE_REQUEST, type }) => !type.startsWith('MapIteration') && state in definition.States);
  return { end, largestBytes, ownEvents: own.length, allEvents: end.history.length };
}

test('200 assets that all expire points: no payload over 200 KiB, no history over 5,000 events', async () => {
  const { end, largestBytes, ownEvents } = await runFor(ASSETS, 1);
  expect(end).toMatchObject({ status: 'SUCCEEDED' });
  expect(end.status === 'SUCCEEDED' && RetentionOutput.parse(end.output).assets).toHaveLength(ASSETS.length);
  expect(largestBytes).toBeGreaterThan(10_000);
  expect(largestBytes).toBeLessThan(MOST_BYTES);
  // Whatever becomes of the assets is in the histories of their own executions.
  expect(ownEvents).toBe((await runFor(ASSETS.slice(0, 2), 1)).ownEvents);
  process.stdout.write(`retention of ${ASSETS.length} assets: ${largestBytes} bytes at most, ${ownEvents} events\n`);
});

test('an asset of which 500 points expire: the same', async () => {
  const { end, largestBytes, allEvents } = await runFor(ASSETS.slice(0, 1), POINTS);
  expect(end).toMatchObject({ status: 'SUCCEEDED' });
  expect(end.calls.filter(({ name }) => name === 'retention-expire-points')).toHaveLength(POINTS / 10);
  expect(largestBytes).toBeLessThan(MOST_BYTES);
  // All of them together, those of the batches too.
  expect(allEvents).toBeLessThan(MOST_EVENTS);
  process.stdout.write(`retention of ${POINTS} points: ${largestBytes} bytes at most, ${allEvents} events\n`);
});
