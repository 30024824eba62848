import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeSeconds, durationDays, durationSeconds, isAtLeast } from '../../../core/plan/durations.ts';

const DAY = 86_400;

describe('durationSeconds', () => {
  it.each([
    ['PT30S', 30, 30],
    ['PT15M', 900, 900],
    ['PT1H', 3600, 3600],
    ['P1D', DAY, DAY],
    ['P2W', 14 * DAY, 14 * DAY],
    ['P1M', 28 * DAY, 31 * DAY],
    ['P2M', 59 * DAY, 62 * DAY],
    ['P3M', 89 * DAY, 92 * DAY],
    ['P6M', 181 * DAY, 184 * DAY],
    ['P12M', 365 * DAY, 366 * DAY],
    ['P1Y', 365 * DAY, 366 * DAY],
    // 1897 to 1905 and the like have one leap day in eight years.
    ['P8Y', 2921 * DAY, 2922 * DAY],
    ['P10Y', 3651 * DAY, 3653 * DAY],
    ['P400Y', 146_097 * DAY, 146_097 * DAY],
    ['P401Y', 146_462 * DAY, 146_463 * DAY],
  ])('%s is %d to %d seconds', (duration, least, most) => {
    expect([durationSeconds(duration, 'least'), durationSeconds(duration, 'most')]).toEqual([least, most]);
  });

  it('means the most when nobody says which, so that a lock never ends early', () => {
    expect(durationSeconds('P1M')).toBe(31 * DAY);
    expect(durationDays('P1M')).toBe(31);
  });

  it.each(['', 'P', 'PT', '30D', 'P1DT1H', 'P-1D', 'P1.5D'])('refuses %j', (text) => {
    expect(() => durationSeconds(text)).toThrow(RangeError);
  });

  it('bounds what the calendar makes of any number of months, from any first of a month', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1970, max: 2199 }),
        fc.integer({ min: 0, max: 11 }),
        (months, year, month) => {
          const days = (Date.UTC(year, month + months, 1) - Date.UTC(year, month, 1)) / (DAY * 1000);
          return days >= durationDays(`P${months}M`, 'least') && days <= durationDays(`P${months}M`, 'most');
        },
      ),
    );
  });
});

describe('durationDays', () => {
  it('rounds in the direction of the bound', () => {
    expect(durationDays('PT25H')).toBe(2);
    expect(durationDays('PT25H', 'least')).toBe(1);
    expect(durationDays('P30D', 'least')).toBe(30);
  });
});

describe('isAtLeast', () => {
  it.each([
    ['P30D', 'P14D', true],
    ['P14D', 'P30D', false],
    ['P12M', 'P1Y', true],
    ['P1Y', 'P12M', true],
    ['P1M', 'P31D', false],
    ['P31D', 'P1M', true],
    ['P30D', 'P1M', false],
    ['PT24H', 'P1D', true],
  ])('%s is at least %s: %s', (long, short, expected) => {
    expect(isAtLeast(long, short)).toBe(expected);
  });
});

describe('describeSeconds', () => {
  it.each([
    [45, '45 s'],
    [900, '15 min'],
    [90_000, '25 h'],
    [169_200, '47 h'],
    [92 * DAY, '92 days'],
  ])('%d', (seconds, text) => expect(describeSeconds(seconds)).toBe(text));
});
