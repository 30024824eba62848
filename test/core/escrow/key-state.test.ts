import { describe, expect, test } from 'vitest';
import { isRecoverable, readKeyStates, selectUnguarded } from '../../../core/escrow/key-state.ts';
import { isKeptForEver, renewedLock } from '../../../core/escrow/renewal.ts';

const value = 'ab'.repeat(32);
const listed = (...files: string[]) => files.map((file) => `ida/wallet/${value}/${file}`);
const stateOf = (...files: string[]) => readKeyStates(listed(...files), 'ida', 'wallet', NOW).get(value)!;
const NOW = new Date('2026-11-22T00:00:00Z');
const run = (day: number) => `202611${day}T004500Z-abcdef`;

describe('a value in escrow can be got back', () => {
  test.each([
    ['when its envelope was opened', true, ['envelope', `readback-${run(20)}.json`]],
    ['not because an envelope was written', false, ['envelope']],
    ['not without an envelope, whatever was opened once', false, [`readback-${run(20)}.json`]],
    ['not when a later run could not open it', false, ['envelope', `readback-${run(20)}.json`, `lost-${run(21)}.json`]],
    ['not when it failed and opened in one run', false, ['envelope', `readback-${run(20)}.json`, `lost-${run(20)}.json`]],
    ['when it opened again', true, ['envelope', `readback-${run(19)}.json`, `lost-${run(20)}.json`, `readback-${run(21)}.json`]],
    ['not by what is no fact of an opening', false, ['envelope', 'readback.json', `readback-${run(20)}.txt`, `xreadback-${run(20)}.json`]],
  ])('%s', (_, expected, files) => {
    expect(isRecoverable(stateOf(...files))).toBe(expected);
  });

  test('each value by itself, of this key alone', () => {
    const other = 'cd'.repeat(32);
    const keys = [
      ...listed('envelope', `readback-${run(20)}.json`),
      `ida/wallet/${other}/envelope`,
      `ida/wallet-2/${value}/lost-${run(21)}.json`,
    ];
    const states = readKeyStates(keys, 'ida', 'wallet', NOW);
    expect([...states.values()].map(isRecoverable)).toEqual([true, false]);
  });
});

test('versions, the current run, offline files and proofs are read off the keys', () => {
  const id = encodeURIComponent('3@2026-11-21T00:45:00.000Z');
  const state = stateOf(
    `version-${id}.json`,
    'version-v2.json',
    `current-${run(20)}.json`,
    `current-${run(19)}.json`,
    'offline-0123456789abcdef.age',
    'offline-ffffffffffffffff.age',
    `offline-failed-0123456789abcdef-${run(18)}.json`,
    `offline-proof-${run(18)}.json`,
    `offline-proof-0123456789abcdef-first-${run(20)}.json`,
    `offline-failed-0123456789abcdef-${run(19)}-${run(20)}.json`,
    // Neither these nor any other: no run gives such names.
    `offline-proof-first-${run(20)}.json`,
    `offline-proof-${run(19)}-${run(20)}.json`,
    `offline-proof-0123456789abcdef-${run(19)}-first.json`,
    `offline-proof-0123456789abcdef-20261131T000000Z-abcdef-${run(20)}.json`,
    'offline-0123456789abcdef.json',
    `offline-0123456789abcdef-${run(19)}.json`,
  );
  expect(state).toMatchObject({
    secretVersions: ['3@2026-11-21T00:45:00.000Z', 'v2'],
    currentRun: run(20),
    offlineFiles: [
      { id: '0123456789abcdef', recipients: '0123456789abcdef', run: '' },
      { id: `0123456789abcdef-${run(19)}`, recipients: '0123456789abcdef', run: run(19) },
    ],
    offlineProofs: [
      { recipients: '0123456789abcdef', file: undefined, run: run(18), hasPassed: false },
      { recipients: undefined, file: undefined, run: run(18), hasPassed: true },
      { recipients: '0123456789abcdef', file: '', run: run(20), hasPassed: true },
      { recipients: '0123456789abcdef', file: run(19), run: run(20), hasPassed: false },
    ],
    readBackRun: undefined,
  });
});

describe('a rotation went around escrow', () => {
  const known = readKeyStates(listed('version-v1.json'), 'ida', 'wallet', NOW);
  test('when an old version was never seen', () => {
    const versions = [
      { id: 'v1', label: 'old' },
      { id: 'v2', label: 'old' },
      { id: 'v3', label: 'current' },
      { id: 'v4', label: 'pending' },
    ] as const;
    expect([...selectUnguarded(versions, known)]).toEqual(['v2']);
  });
  test('not on the first day of a key', () => {
    expect(selectUnguarded([{ id: 'v2', label: 'old' }], new Map()).size).toBe(0);
  });
});

describe('the lock of what is kept for ever', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
  test('is renewed when fewer than 400 days are left, for two years', () => {
    expect(renewedLock(inDays(400), now)).toBeUndefined();
    expect(renewedLock(inDays(399), now)).toEqual(inDays(731));
    expect(renewedLock(undefined, now)).toEqual(inDays(731));
  });
  test('is that of envelopes, offline files and what names versions, not of what every run writes', () => {
    const kept = listed('envelope', 'offline-ab.age', 'offline-proof-x.json', 'version-v1.json', `unguarded-${run(20)}.json`);
    expect(kept.every(isKeptForEver)).toBe(true);
    expect(listed(`readback-${run(20)}.json`, `current-${run(20)}.json`, `lost-${run(20)}.json`).some(isKeptForEver)).toBe(false);
  });
});
