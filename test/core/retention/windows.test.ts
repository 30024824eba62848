import { describe, expect, it } from 'vitest';
import { decideRetention } from '../../../core/retention/decide.ts';
import { explainReason } from '../../../core/retention/explain.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { daily, DAY_SECONDS, expiredOf, keptOf, pointAt } from './calendar.ts';

const HOUR_MS = 3_600_000;
const policyWith = (change: Partial<RetentionPolicy>): RetentionPolicy => ({ hotSeconds: 1, keepProven: 1, zone: 'UTC', ...change });
const kept = (points: Parameters<typeof decideRetention>[0], policy: RetentionPolicy, now = new Date('2027-12-01T00:00:00Z')) =>
  keptOf(decideRetention(points, policy, now));

describe('thirty days', () => {
  it('are thirty daily points, through clock changes', () => {
    // 02:00 in Berlin, on both sides of the last Sunday of October: an hour later in UTC from the 25th on.
    const points = [...daily('2026-09-20', '2026-10-24', '00:00:00'), ...daily('2026-10-25', '2026-11-21', '01:00:00')];
    const policy = policyWith({ hotSeconds: 30 * DAY_SECONDS, zone: 'Europe/Berlin' });
    for (let end = 40; end <= points.length; end++) expect(kept(points.slice(0, end), policy)).toHaveLength(30);
  });

  it('of failed runs expire nothing', () => {
    const points = daily('2026-09-01', '2026-09-30');
    const policy = policyWith({ hotSeconds: 30 * DAY_SECONDS });
    for (const now of ['2026-10-01', '2026-10-30', '2027-09-30'])
      expect(expiredOf(decideRetention(points, policy, new Date(`${now}T12:00:00Z`)))).toEqual([]);
    const failed = daily('2026-10-01', '2026-10-30', '01:15:00', () => ({ verified: false, replicated: false }));
    expect(expiredOf(decideRetention([...points, ...failed], policy, new Date('2026-10-31T00:00:00Z')))).toEqual([]);
    // The first good one after them is what lets others go.
    expect(
      expiredOf(decideRetention([...points, ...failed, pointAt('2026-10-31T01:15:00Z')], policy, new Date('2026-10-31T06:00:00Z'))),
    ).toHaveLength(30);
  });
});

describe('the first of a month', () => {
  it('is that of the zone', () => {
    const points = [
      '2026-08-31T21:30:00Z',
      '2026-08-31T22:30:00Z',
      '2026-09-30T22:30:00Z',
      '2026-10-31T22:30:00Z',
      '2026-10-31T23:30:00Z',
    ].map((at) => pointAt(at));
    const policy = policyWith({ monthlySeconds: 366 * DAY_SECONDS });
    // In UTC the first three of their months; in Berlin it is September, October and, clocks set back, November that begin.
    expect(kept(points, policy)).toEqual(['20260831T213000Z', '20260930T223000Z', '20261031T223000Z', '20261031T233000Z']);
    expect(kept(points, { ...policy, zone: 'Europe/Berlin' })).toEqual([
      '20260831T213000Z',
      '20260831T223000Z',
      '20260930T223000Z',
      '20261031T233000Z',
    ]);
  });

  it('is the first good one, whatever failed before it', () => {
    const points = daily('2026-01-28', '2026-03-05', '01:15:00', (date) => ({ verified: !['2026-02-01', '2026-02-02'].includes(date) }));
    expect(kept(points, policyWith({ monthlySeconds: 366 * DAY_SECONDS }))).toEqual([
      '20260128T011500Z',
      '20260203T011500Z',
      '20260301T011500Z',
      '20260305T011500Z',
    ]);
  });

  it('of a leap year’s February is kept as long as any', () => {
    const points = daily('2028-02-01', '2029-02-10').filter(({ point }) => /(01|10)T/.test(point));
    const policy = policyWith({ monthlySeconds: 366 * DAY_SECONDS });
    expect(
      kept(
        points.filter(({ point }) => point <= '20290131'),
        policy,
        new Date('2029-02-01T00:00:00Z'),
      ),
    ).toContain('20280201T011500Z');
    expect(kept(points, policy, new Date('2029-02-11T00:00:00Z'))).not.toContain('20280201T011500Z');
  });
});

describe('the first of a day and of an hour', () => {
  it('counts the hour that comes twice in autumn as two, and skips the one that is missing in spring', () => {
    const quarters = (from: string, hours: number) =>
      Array.from({ length: hours * 4 }, (_, n) => pointAt(new Date(Date.parse(from) + (n * HOUR_MS) / 4)));
    const policy = policyWith({ hourlySeconds: 10 * DAY_SECONDS, zone: 'America/New_York' });
    expect(kept(quarters('2026-11-01T03:00:00Z', 6), policy)).toEqual(
      ['03', '04', '05', '06', '07', '08'].map((hour) => `20261101T${hour}0000Z`).concat('20261101T084500Z'),
    );
    expect(kept(quarters('2026-03-08T05:00:00Z', 4), policy)).toHaveLength(5);
    // Half an hour off UTC: their hours begin at half past.
    expect(kept(quarters('2026-05-01T00:30:00Z', 2), { ...policy, zone: 'Asia/Kolkata' })).toEqual([
      '20260501T003000Z',
      '20260501T013000Z',
      '20260501T021500Z',
    ]);
  });

  it('leaves two simulated years of hourly points, in four zones, with one for each of the last days and months', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) {
      const points = Array.from({ length: 24 * 731 }, (_, n) => pointAt(new Date(Date.parse('2025-12-01T00:00:00Z') + n * HOUR_MS)));
      const policy = policyWith({ hotSeconds: DAY_SECONDS, dailySeconds: 30 * DAY_SECONDS, monthlySeconds: 366 * DAY_SECONDS, zone });
      const decisions = decideRetention(points, policy, new Date('2027-12-02T00:00:00Z'));
      const count = (kind: string) => decisions.filter(({ reasons }) => reasons.some((reason) => reason.kind === kind)).length;
      expect({ zone, hot: count('hot'), daily: count('daily') }).toEqual({ zone, hot: 24, daily: 30 });
      expect(count('monthly')).toBeGreaterThanOrEqual(12);
      expect(count('monthly')).toBeLessThanOrEqual(13);
    }
  });
});

it('every reason is a sentence', () => {
  const kinds = [
    { kind: 'hot', seconds: 1 },
    { kind: 'hourly', seconds: 1 },
    { kind: 'yearly', seconds: 1 },
    { kind: 'forever' },
    { kind: 'newest-good' },
    { kind: 'not-replicated' },
    { kind: 'no-good-point' },
    { kind: 'last', keepLast: 3 },
    { kind: 'proven', keepProven: 2 },
    { kind: 'locked', until: new Date(0) },
    { kind: 'held', holds: ['a', 'b'] },
    { kind: 'needed', by: ['a'] },
    { kind: 'unreadable', why: 'x' },
    { kind: 'no-window', ageSeconds: 1 },
    { kind: 'never-verified' },
    { kind: 'tombstoned' },
  ] as const;
  expect(new Set(kinds.map((reason) => explainReason(reason))).size).toBe(kinds.length);
});
