/** A run of escrow over more versions than one execution can take, against the limits of Step Functions. */
import { expect, test } from 'vitest';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { MOST_VERSIONS, selectVersions } from '../../../core/escrow/select-versions.ts';
import type { Fields } from '../../../local/interpreter/language.ts';
import { ANSWERS, run, runWith } from './answers.ts';
import { functionError, reportFailure, type Call } from './run-machine.ts';

const MOST_EVENTS = 25_000;
const MOST_BYTES = 256 * 1024;
const KEY = 'a-key-asset-whose-name-is-as-long-as-that-of-a-wallet-key-is';
/** Of twelve parameters, each with its hundred versions, one key after the other. */
const LISTED = Array.from({ length: 1_100 }, (_, i) => ({
  key: KEY,
  secretVersion: `${i}@2026-11-21T02:00:00.${String(i % 1000).padStart(3, '0')}Z-0000-0000`,
  run,
  label: 'old' as const,
}));
/** As bytes three times as long as it is. */
const LONGEST_MESSAGE = '’'.repeat(2_000);
const fingerprintOf = (id: unknown) => Buffer.from(String(id)).toString('hex').padEnd(64, '0').slice(0, 64);

const OLDER_LATER = 1_000;
/** All that list-older may answer with. */
const older = (isLacking = false) => ({
  envelopes: Array.from({ length: 100 }, (_, i) => fingerprintOf(`older ${i}`)).flatMap((fingerprint) =>
    (['vault', 'replica'] as const).map((place) => ({
      key: KEY,
      fingerprint,
      run,
      place,
      ...(isLacking && place === 'replica' ? { copy: true } : {}),
    })),
  ),
  later: OLDER_LATER,
});

/** The last states of each Map's items: what they end with is its result, and the variables `$escrowed` and `$opened`. */
const RESULTS = [
  ['The version is in escrow', 'The version is not in escrow', 'The version has no value yet'],
  ['The envelope can be opened', 'The envelope could not be opened'],
];
const resultOf = ({ history }: Awaited<ReturnType<typeof runWith>>, states: readonly string[]) =>
  history.flatMap(({ type, state, output }) =>
    type === 'PassStateExited' && state !== undefined && states.includes(state) ? [output] : [],
  );

async function runOver(broken: (call: Call) => boolean, { isRecent = false, isLacking = false } = {}) {
  const answer = (made: (call: Call) => Fields) => (call: Call) => {
    if (broken(call)) throw functionError('VaultUnavailable', 'x'.repeat(2_000));
    return made(call);
  };
  const { versions, later } = selectVersions(LISTED, () => false, run);
  const end = await runWith('escrow', {
    ...ANSWERS.escrow,
    'escrow-list-versions': () => ({ run, keys: [KEY], versions, later }),
    'escrow-escrow-version': answer(({ payload }) => ({
      key: KEY,
      fingerprint: fingerprintOf(payload['secretVersion']),
      run,
      created: true,
      ...(isRecent ? { openedBy: { vault: run, replica: run } } : {}),
    })),
    'escrow-read-back': answer(() => ({})),
    'escrow-list-older': () => older(isLacking),
    'backup-report-failure': (call) => ({ ...(reportFailure(() => true)(call) as object), message: LONGEST_MESSAGE }),
  });
  // The service tells of every try of a task when it was started as well.
  const events = end.history.length + end.history.filter(({ type }) => type === 'TaskScheduled').length;
  const payloads = end.calls.map(({ payload }) => payload);
  const bytes = Math.max(
    ...[...payloads, ...RESULTS.map((states) => resultOf(end, states))].map((one) => Buffer.byteLength(JSON.stringify(one))),
  );
  return { end, events, bytes, later };
}

test('takes some of 1,100 versions, and says how many are left', async () => {
  const { end, events, bytes, later } = await runOver(() => false);
  expect(later).toBe(1_100 - MOST_VERSIONS);
  expect(end.status).toBe('SUCCEEDED');
  const output = EscrowOutput.parse('output' in end ? end.output : end);
  // What list-older left is left as well.
  expect(output).toMatchObject({ later: later + OLDER_LATER });
  expect(output.versions).toHaveLength(MOST_VERSIONS);
  expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(MOST_BYTES);
  expect(end.calls.find(({ state }) => state === 'Write the evidence')?.payload).toMatchObject({ later: later + OLDER_LATER });
  expect(RESULTS.map((states) => resultOf(end, states).length)).toEqual([MOST_VERSIONS, 200]);
  expect(events).toBeLessThan(MOST_EVENTS);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test('stays within events and bytes when all were opened some days ago', async () => {
  const { end, events, bytes } = await runOver(() => false, { isRecent: true });
  expect(end.status).toBe('SUCCEEDED');
  expect(events).toBeLessThan(MOST_EVENTS);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test.each<[string, (call: Call) => boolean, values?: { isLacking: true }]>([
  ['none of them can be escrowed, nor any older one opened', () => true],
  ['none opens in the second region', ({ name, payload }) => name === 'escrow-read-back' && payload['place'] === 'replica'],
  ['none opens, and the second region lacks all older ones', ({ payload }) => payload['copy'] !== true, { isLacking: true }],
])('stays within events and bytes when %s', async (_, broken, values) => {
  const { end, events, bytes } = await runOver(broken, values);
  expect(end.status).toBe('FAILED');
  expect('error' in end && end.error).toBe('VaultUnavailable');
  expect(events).toBeLessThan(MOST_EVENTS);
  expect(bytes).toBeLessThan(MOST_BYTES);
});
