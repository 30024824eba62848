import { describe, expect, it } from 'vitest';
import { isLockDue, selectLocks } from '../../../core/lock/select-locks.ts';
import { decideRetention } from '../../../core/retention/decide.ts';
import type { PointState } from '../../../core/retention/point-state.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const DAY = 86_400_000;
const ROUNDS = process.env['HOLDFAST_SOAK'] === '1' ? 200 : 60;
const NOW = new Date('2026-11-21T12:00:00Z');
const TERM = { mode: 'governance', lengthDays: 30 } as const;
const IDA: RetentionPolicy = { hotSeconds: 30 * 86_400, monthlySeconds: 366 * 86_400, keepProven: 2, zone: 'UTC' };

const pointAt = (instant: Date, more: Partial<PointState> = {}): PointState => ({
  point: `${instant.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`,
  instant,
  verified: true,
  proven: false,
  replicated: true,
  holds: [],
  neededBy: [],
  hidden: false,
  tombstoned: false,
  ...more,
});
const daily = (days: number, from = NOW) =>
  Array.from({ length: days }, (_, n) => pointAt(new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate() - n, 2))));
const untilOf = (locks: ReturnType<typeof selectLocks>) =>
  Object.fromEntries(locks.map(({ point, until }) => [point, until.toISOString()]));

describe('the locks that points are to have', () => {
  it('last to the end of the window that keeps the point, from the day on that it is the first of its month', () => {
    const locks = untilOf(selectLocks(daily(60), IDA, TERM, NOW));
    expect(locks).toEqual({
      '20260923T020000Z': '2027-09-24T02:00:00.000Z',
      '20261001T020000Z': '2027-10-02T02:00:00.000Z',
      '20261101T020000Z': '2027-11-02T02:00:00.000Z',
      // The newest good one, whose lock is renewed in its last half.
      '20261121T020000Z': '2026-12-21T12:00:00.000Z',
    });
  });

  it('are those of good points alone: a point that is not verified stands for no month, and the next one does', () => {
    const points = daily(30).map((point) => (point.point.startsWith('20261101') ? { ...point, verified: false } : point));
    expect(Object.keys(untilOf(selectLocks(points, IDA, TERM, NOW)))).toEqual(['20261023T020000Z', '20261102T020000Z', '20261121T020000Z']);
  });

  it('are the longest of several windows', () => {
    const locks = untilOf(selectLocks(daily(30), { ...IDA, dailySeconds: 60 * 86_400, yearlySeconds: 3653 * 86_400 }, TERM, NOW));
    expect(Object.keys(locks)).toHaveLength(30);
    expect(locks['20261023T020000Z']?.slice(0, 4)).toBe('2036');
    expect(locks['20261102T020000Z']).toBe('2027-01-01T02:00:00.000Z');
  });

  it('do not run out for the newest good point and the proven ones while backups fail', () => {
    // Nothing has come for two months; the two proven ones are older still.
    const old = daily(10, new Date(NOW.getTime() - 60 * DAY)).map((point, n) => (n === 4 || n === 6 ? { ...point, proven: true } : point));
    const locks = selectLocks(old, { ...IDA, monthlySeconds: undefined }, TERM, NOW);
    expect(locks.map(({ point }) => point)).toEqual([old[6]!.point, old[4]!.point, old[0]!.point]);
    for (const { until, atLeast } of locks) {
      expect(until.getTime() - NOW.getTime()).toBe(30 * DAY);
      expect(atLeast.getTime() - NOW.getTime()).toBe(15 * DAY);
    }
  });

  it('for ever are of 800 days, and renewed once in 365', () => {
    const forever: RetentionPolicy = { ...IDA, forever: true };
    let lockedUntil: Date | undefined;
    const renewals: number[] = [];
    // The oldest of daily points, looked at each day for six years.
    const oldest = pointAt(new Date(NOW.getTime() - 100 * DAY));
    for (let day = 0; day < 6 * 365; day++) {
      const at = new Date(NOW.getTime() + day * DAY);
      const wish = selectLocks([oldest, pointAt(new Date(at.getTime() - 3_600_000))], forever, TERM, at)[0]!;
      if (isLockDue(wish, { lockedUntil, lockMode: 'governance' }, TERM)) {
        expect(lockedUntil === undefined || wish.until > lockedUntil).toBe(true);
        lockedUntil = wish.until;
        renewals.push(day);
      }
      // Far from the 400 days below which somebody is to be told.
      expect((lockedUntil!.getTime() - at.getTime()) / DAY).toBeGreaterThan(434);
    }
    expect(renewals.map((day, n) => day - (renewals[n - 1] ?? 0)).slice(1)).toEqual([366, 366, 366, 366, 366]);
  });

  it('are weaker than asked when the plan has come to ask for compliance mode', () => {
    const wish = { point: 'p', until: new Date(NOW.getTime() + 9 * DAY), atLeast: new Date(NOW.getTime() + 9 * DAY) };
    const long = new Date(NOW.getTime() + 20 * DAY);
    expect(isLockDue(wish, { lockedUntil: long, lockMode: 'governance' }, TERM)).toBe(false);
    expect(isLockDue(wish, { lockedUntil: long, lockMode: 'governance' }, { ...TERM, mode: 'compliance' })).toBe(true);
    expect(isLockDue(wish, { lockedUntil: long, lockMode: 'compliance' }, TERM)).toBe(false);
    expect(isLockDue(wish, {}, TERM)).toBe(true);
  });
});

it('no lock outlives what the plan keeps a point for, and none is for what expires', () => {
  const random = seededRandom('locks of random catalogs');
  for (let round = 0; round < ROUNDS; round++) {
    const points = daily(400)
      .filter(() => random.below(3) > 0)
      .map((point) => ({ ...point, verified: random.below(5) > 0 }));
    const policy = { ...IDA, dailySeconds: (31 + random.below(60)) * 86_400, monthlySeconds: (90 + random.below(300)) * 86_400 };
    const kept = new Set(decideRetention(points, policy, NOW).flatMap(({ action, point }) => (action === 'keep' ? [point] : [])));
    for (const { point, until } of selectLocks(points, policy, TERM, NOW)) {
      expect(kept.has(point), point).toBe(true);
      // Once the time has come and backups go on, the window that it was locked for has ended, and the lock with it.
      const later = [...points, pointAt(until), pointAt(new Date(until.getTime() - DAY / 2))];
      const then = decideRetention(later, policy, until).find((one) => one.point === point);
      if (point !== '20261121T020000Z')
        expect(
          then?.reasons.some(({ kind }) => kind === 'daily' || kind === 'monthly'),
          point,
        ).toBe(false);
    }
  }
});
