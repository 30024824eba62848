import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronInvalid, parseCron } from '../../../core/plan/cron-fields.ts';
import { longestIntervalSeconds, nextRuns, skippedRuns } from '../../../core/plan/cron.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const runs = (cron: string, timeZone: string, from: string, count: number) =>
  nextRuns({ cron, timeZone }, new Date(from), count).map((run) => run.toISOString().slice(0, 16));

describe('the calendar of a cron', () => {
  const FROM = '2026-11-21T00:00:00Z'; // a Saturday
  it.each([
    ['0 2 * * ? *', ['2026-11-21T02:00', '2026-11-22T02:00', '2026-11-23T02:00']],
    ['0/20 3 * * ? *', ['2026-11-21T03:00', '2026-11-21T03:20', '2026-11-21T03:40']],
    ['5/25 3 * * ? *', ['2026-11-21T03:05', '2026-11-21T03:30', '2026-11-21T03:55']],
    ['0 5 1 1,4,7,10 ? *', ['2027-01-01T05:00', '2027-04-01T05:00', '2027-07-01T05:00']],
    ['0 5 1 JAN,apr ? *', ['2027-01-01T05:00', '2027-04-01T05:00', '2028-01-01T05:00']],
    // Sunday is 1.
    ['0 0 ? * 1 *', ['2026-11-22T00:00', '2026-11-29T00:00', '2026-12-06T00:00']],
    ['30 0 ? * SAT *', ['2026-11-21T00:30', '2026-11-28T00:30', '2026-12-05T00:30']],
    ['0 0 ? * MON-FRI *', ['2026-11-23T00:00', '2026-11-24T00:00', '2026-11-25T00:00']],
    ['0 1 ? * L *', ['2026-11-21T01:00', '2026-11-28T01:00', '2026-12-05T01:00']],
    ['0 0 L * ? *', ['2026-11-30T00:00', '2026-12-31T00:00', '2027-01-31T00:00']],
    // The 15th of November 2026 was a Sunday, that of May 2027 a Saturday; the first weekday never leaves the month.
    ['0 0 15W 11,5 ? *', ['2027-05-14T00:00', '2027-11-15T00:00', '2028-05-15T00:00']],
    ['0 0 1W 8 ? *', ['2027-08-02T00:00', '2028-08-01T00:00', '2029-08-01T00:00']],
    ['0 0 ? * 6L *', ['2026-11-27T00:00', '2026-12-25T00:00', '2027-01-29T00:00']],
    ['0 0 ? * 6#3 *', ['2026-12-18T00:00', '2027-01-15T00:00', '2027-02-19T00:00']],
    ['0 0 ? * FRI#5 *', ['2027-01-29T00:00', '2027-04-30T00:00', '2027-07-30T00:00']],
    ['0 0 29 2 ? *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 0 1 1 ? 2027-2028', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['0 0 30 2 ? *', []],
  ])('%s', (cron, expected) => {
    expect(runs(cron, 'UTC', FROM, 3)).toEqual(expected);
  });

  it.each([
    ['0 2 * * *', 'not six'],
    ['cron(0 2 * * ? *)', 'function around it'],
    ['rate(1 day)', 'function around it'],
    ['0 2 * * * *', 'exactly one'],
    ['0 2 ? * ? *', 'exactly one'],
    ['? 2 * * ? *', 'minutes'],
    ['60 2 * * ? *', 'minutes'],
    ['0 24 * * ? *', 'hours'],
    ['0 2 0 * ? *', 'day-of-month'],
    ['0 2 32 * ? *', 'day-of-month'],
    ['0 2 LW * ? *', 'day of the month'],
    ['0 2 L-3 * ? *', 'day of the month'],
    ['0 2 31W * ? *', 'day of the month'],
    ['0 2 1W,15W * ? *', 'day of the month'],
    ['0 2 * 13 ? *', 'month'],
    ['0 2 * NOVEMBER ? *', 'month'],
    ['0 2 ? * 0 *', 'day-of-week'],
    ['0 2 ? * 8 *', 'day-of-week'],
    ['0 2 ? * 3#6 *', 'day of the week'],
    ['0 2 ? * 3#1,6#3 *', 'day of the week'],
    ['0 2 ? * FRI-MON *', 'ends before it starts'],
    ['0 22-2 * * ? *', 'ends before it starts'],
    ['0 2 * * ? 1969', 'year'],
    ['0/0 2 * * ? *', 'minutes'],
    ['0 2 * * ? *; ls', 'not six'],
    ['', 'not six'],
  ])('refuses %j', (cron, problem) => {
    expect(() => parseCron(cron)).toThrow(CronInvalid);
    expect(() => parseCron(cron)).toThrow(problem);
  });
});

describe('clock changes', () => {
  it.each([
    // Spring: the local time does not exist, and the run is skipped.
    ['30 2 * * ? *', 'Europe/Berlin', '2027-03-27T00:00:00Z', ['2027-03-27T01:30', '2027-03-29T00:30', '2027-03-30T00:30']],
    ['30 2 * * ? *', 'America/New_York', '2027-03-13T00:00:00Z', ['2027-03-13T07:30', '2027-03-15T06:30', '2027-03-16T06:30']],
    ['15 2 * * ? *', 'Australia/Lord_Howe', '2027-10-01T00:00:00Z', ['2027-10-01T15:45', '2027-10-03T15:15', '2027-10-04T15:15']],
    // Half an hour later exists on Lord Howe: its clock is set forward by thirty minutes alone.
    ['45 2 * * ? *', 'Australia/Lord_Howe', '2027-10-01T15:00:00Z', ['2027-10-01T16:15', '2027-10-02T15:45', '2027-10-03T15:45']],
    // Autumn: the local time comes twice, and the run once.
    ['30 2 * * ? *', 'Europe/Berlin', '2027-10-30T00:00:00Z', ['2027-10-30T00:30', '2027-10-31T00:30', '2027-11-01T01:30']],
    ['30 1 * * ? *', 'America/New_York', '2027-11-06T00:00:00Z', ['2027-11-06T05:30', '2027-11-07T05:30', '2027-11-08T06:30']],
    ['45 1 * * ? *', 'Australia/Lord_Howe', '2027-04-02T12:00:00Z', ['2027-04-02T14:45', '2027-04-03T14:45', '2027-04-04T15:15']],
    ['0 * * * ? *', 'Europe/Berlin', '2027-03-28T00:30:00Z', ['2027-03-28T01:00', '2027-03-28T02:00', '2027-03-28T03:00']],
    ['0 * * * ? *', 'Europe/Berlin', '2027-10-30T23:30:00Z', ['2027-10-31T00:00', '2027-10-31T02:00', '2027-10-31T03:00']],
    // No change, but an offset that is not whole hours.
    ['30 2 * * ? *', 'Asia/Kolkata', '2027-03-27T00:00:00Z', ['2027-03-27T21:00', '2027-03-28T21:00', '2027-03-29T21:00']],
    ['30 2 * * ? *', 'UTC', '2027-03-27T12:00:00Z', ['2027-03-28T02:30', '2027-03-29T02:30', '2027-03-30T02:30']],
  ])('%s in %s from %s', (cron, timeZone, from, expected) => {
    expect(runs(cron, timeZone, from, 3)).toEqual(expected);
  });

  it.each([
    ['0 2 * * ? *', 'UTC', DAY],
    ['0 12 * * ? *', 'Europe/Berlin', 25 * HOUR],
    ['30 2 * * ? *', 'Europe/Berlin', 47 * HOUR],
    ['15 2 * * ? *', 'Australia/Lord_Howe', 47.5 * HOUR],
    ['0 * * * ? *', 'Europe/Berlin', 2 * HOUR],
    ['0/30 * * * ? *', 'Asia/Kolkata', HOUR / 2],
    ['0 2,14 * * ? *', 'UTC', 12 * HOUR],
    ['0 2,6 * * ? *', 'UTC', 20 * HOUR],
    ['0 2 ? * SUN *', 'America/New_York', 14 * DAY - HOUR],
    ['0 5 1 1,4,7,10 ? *', 'UTC', 92 * DAY],
    ['0 5 1 * ? *', 'UTC', 31 * DAY],
    ['0 5 L * ? *', 'UTC', 31 * DAY],
    ['0 0 29 2 ? *', 'UTC', Infinity],
    ['0 0 1 1 ? 2027-2029', 'UTC', Infinity],
    ['0 0 30 2 ? *', 'UTC', Infinity],
  ])('the longest interval of %s in %s', (cron, timeZone, expected) => {
    expect(longestIntervalSeconds({ cron, timeZone }, new Date('2026-11-21T00:00:00Z'))).toBe(expected);
  });

  it('names the runs that are skipped, and what that means', () => {
    const now = new Date('2026-11-21T00:00:00Z');
    expect(skippedRuns({ cron: '30 2 * * ? *', timeZone: 'Europe/Berlin' }, now, 2)).toEqual([
      { localTime: '2027-03-28T02:30', gapMinutes: 60, intervalSeconds: 47 * HOUR, usualSeconds: DAY },
      { localTime: '2028-03-26T02:30', gapMinutes: 60, intervalSeconds: 47 * HOUR, usualSeconds: DAY },
    ]);
    expect(skippedRuns({ cron: '0 * * * ? *', timeZone: 'Europe/Berlin' }, now, 1)).toEqual([
      { localTime: '2027-03-28T02:00', gapMinutes: 60, intervalSeconds: HOUR, usualSeconds: HOUR },
    ]);
    expect(skippedRuns({ cron: '30 2 * * ? *', timeZone: 'Asia/Kolkata' }, now, 5)).toEqual([]);
    // Clocks change on Sundays: a schedule of working days loses nothing.
    expect(skippedRuns({ cron: '30 2 ? * MON-FRI *', timeZone: 'Europe/Berlin' }, now, 5)).toEqual([]);
  });
});

describe('properties', () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 0, max: 23 });
  const days = fc.constantFrom('* * ? *', '? * SUN *', '? * MON-FRI *', '1 * ? *', 'L * ? *', '15W * ? *', '? * 6#2 *', '? * 7L *');
  const timeZone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'America/Santiago',
    'Africa/Cairo',
  );
  const from = fc.date({ min: new Date('2026-01-01'), max: new Date('2031-01-01'), noInvalidDate: true });
  const schedule = fc.record({ cron: fc.tuple(minute, hour, days).map((parts) => parts.join(' ')), timeZone });
  const localTime = (run: Date, zone: string) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(run);

  it('runs are after the start, ascending, and at the local time that the cron says', () => {
    fc.assert(
      fc.property(schedule, from, (when, start) => {
        const found = nextRuns(when, start, 4);
        const [mi = '', ho = ''] = when.cron.split(' ');
        expect(found).toHaveLength(4);
        found.forEach((run, i) => {
          expect(run.getTime()).toBeGreaterThan((found[i - 1] ?? start).getTime());
          expect(localTime(run, when.timeZone)).toBe(`${ho.padStart(2, '0')}:${mi.padStart(2, '0')}`);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('asking again from a run gives the rest of the same runs', () => {
    fc.assert(
      fc.property(schedule, from, (when, start) => {
        const found = nextRuns(when, start, 5);
        expect(nextRuns(when, found[1] as Date, 3)).toEqual(found.slice(2));
      }),
      { numRuns: 80 },
    );
  });

  it('no two runs are further apart than the longest interval, and no local day has a run twice', () => {
    fc.assert(
      fc.property(schedule, from, (when, start) => {
        const longest = longestIntervalSeconds(when, start);
        const found = nextRuns(when, start, 60);
        const dates = found.map((run) => new Intl.DateTimeFormat('en-CA', { timeZone: when.timeZone }).format(run));
        expect(new Set(dates).size).toBe(dates.length);
        for (const [i, run] of found.slice(1).entries())
          expect((run.getTime() - (found[i] as Date).getTime()) / 1000).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 40 },
    );
  });

  it('in UTC it is croner’s own calendar, whatever the fields', () => {
    const list = (least: number, most: number) => fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(list(0, 59), list(0, 23), list(1, 28), list(1, 12), from, (mi, ho, dom, mo, start) => {
        const found = nextRuns({ cron: [mi, ho, dom, mo].map((values) => values.join(',')).join(' ') + ' ? *', timeZone: 'UTC' }, start, 3);
        expect(found).toHaveLength(3);
        for (const run of found) {
          expect([
            mi.includes(run.getUTCMinutes()),
            ho.includes(run.getUTCHours()),
            dom.includes(run.getUTCDate()),
            mo.includes(run.getUTCMonth() + 1),
          ]).toEqual([true, true, true, true]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
