import { describe, expect, test } from 'vitest';
import { openedLately } from '../../../core/escrow/look-due.ts';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { findKeyProblems } from '../../../core/restore/missing-keys.ts';

const VALUE = 'a1'.repeat(32);
const runOf = (day: number, hour = '02') => `202611${String(day).padStart(2, '0')}T${hour}0000Z-abcdef`;
const stateOf = (...files: string[]) => {
  const listed = files.map((file) => `ida/wallet/${VALUE}/${file}`);
  return readKeyStates(listed, 'ida', 'wallet', new Date('2026-12-01T00:00:00Z')).get(VALUE);
};
const opened = (...days: number[]) => ['envelope', ...days.map((day) => `readback-${runOf(day)}.json`)];

describe('a value need not be opened again', () => {
  test.each<[string, string[], string | undefined]>([
    ['the day after', opened(20), runOf(20)],
    ['six days after', opened(3, 15), runOf(15)],
    ['a week after', opened(14), undefined],
    ['that was never opened', ['envelope'], undefined],
    ['whose envelope is gone', opened(20).slice(1), undefined],
    ['that could not be opened since', [...opened(19), `lost-${runOf(20)}.json`], undefined],
    ['that could not be opened, and was again', [...opened(20), `lost-${runOf(19)}.json`], runOf(20)],
    ['by what is dated ahead', opened(20, 25), undefined],
    ['by a name that no run gives', ['envelope', 'readback-00000000.json'], undefined],
  ])('%s', (_, files, expected) => {
    expect(openedLately(stateOf(...files), runOf(21))).toBe(expected);
  });

  test('unless a weekly run began a moment earlier than the last one', () => {
    expect(openedLately(stateOf(...opened(14)), '20261121T015900Z-abcdef')).toBeUndefined();
  });

  test('and its points stay restorable for many times as long', () => {
    const point = { keys: [{ key: 'wallet', fingerprint: VALUE }] };
    const state = stateOf(...opened(1));
    const problemsAfter = (days: number) =>
      findKeyProblems(point, { needsKeys: [], offline: {} }, { wallet: [state!] }, new Date(Date.UTC(2026, 10, 1 + days, 3)));
    expect(problemsAfter(8)).toEqual([]);
    expect(problemsAfter(60)).toEqual([]);
    expect(problemsAfter(91)).toHaveLength(1);
  });
});
