import { describe, expect, test } from 'vitest';
import { hasBegun, instantOfRun, isRun, isSlot, laterRun, manualSlotId, runId, slotInstant } from '../../../core/vault/ids.ts';

const NOW = new Date('2026-11-21T12:00:00Z');

describe('an id begins with an instant that there is', () => {
  test.each([
    ['20261121T020000Z', true],
    ['20240229T235959Z', true],
    ['20250229T000000Z', false],
    ['20261131T000000Z', false],
    ['20261301T000000Z', false],
    ['20261121T240000Z', false],
    ['20261121T026000Z', false],
    ['20261121T020060Z', false],
    ['00000000T000000Z', false],
    ['99999999T999999Z', false],
    ['2026-11-21T02:00', false],
  ])('%s: %s', (instant, isReal) => {
    expect(isSlot(instant)).toBe(isReal);
    expect(isSlot(`${instant}-m3fa9c1`)).toBe(isReal);
    expect(isRun(`${instant}-3fa9c1`)).toBe(isReal);
    expect(hasBegun(`${instant}-3fa9c1`, NOW)).toBe(isReal);
    if (isReal) expect(instantOfRun(`${instant}-3fa9c1`)).toBe(slotInstant(instant).toISOString());
    else expect(() => slotInstant(instant)).toThrow(RangeError);
  });

  test('and ends with what tells it from others of that instant', () => {
    for (const text of ['20261121T020000Z', '20261121T020000Z-3fa9c1x', '20261121T020000Z-3FA9C1', ' 20261121T020000Z-3fa9c1'])
      expect(isRun(text)).toBe(false);
    for (const text of ['20261121T020000Z-3fa9c1', '20261121T020000Z-mxyz', '20261121T020000Z-']) expect(isSlot(text)).toBe(false);
  });
});

test('what is made is what is known', () => {
  expect(isRun(runId(NOW, 'arn:e'))).toBe(true);
  expect(isSlot(manualSlotId(NOW, 'arn:e'))).toBe(true);
  expect(isRun(laterRun('20261231T235959Z-3fa9c1', 1))).toBe(true);
  expect(laterRun('20261231T235959Z-3fa9c1', 1)).toBe('20270101T000000Z-3fa9c1');
});

test('a run has begun that is dated no further ahead than two clocks differ', () => {
  expect(hasBegun('20261121T120500Z-3fa9c1', NOW)).toBe(true);
  expect(hasBegun('20261121T120501Z-3fa9c1', NOW)).toBe(false);
});
