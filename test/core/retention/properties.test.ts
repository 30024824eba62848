/** What holds of every decision, over random catalogs and policies. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectCandidates } from '../../../core/retention/candidates.ts';
import { decideRetention, surveyPoints, type Decision } from '../../../core/retention/decide.ts';
import { compareAge, isGood, type PointState } from '../../../core/retention/point-state.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { afterExpiry, DAY_SECONDS, expiredOf, keptOf, pointAt } from './calendar.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-21T12:00:00Z');
const RUNS = process.env['HOLDFAST_SOAK'] === '1' ? 20_000 : 300;
const seed = Number(process.env['HOLDFAST_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
process.stdout.write(`decisions over ${RUNS} random catalogs each: HOLDFAST_SEED=${seed}\n`);
function always<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) {
  const property = fc.property(arbitrary, (value) => {
    holds(value);
  });
  fc.assert(property, { seed, numRuns: RUNS });
}

const seldom = fc.boolean().chain((one) => (one ? fc.boolean() : fc.constant(false)));
const mostly = seldom.map((one) => !one);
/** Up to four months back at any half hour, around clock changes too, and now and then ahead of the clock. */
const instant = fc.integer({ min: -3, max: 24 * 120 * 2 }).map((halfHours) => new Date(NOW.getTime() - halfHours * (HOUR_MS / 2)));

const state: fc.Arbitrary<PointState> = fc
  .record({
    instant,
    verified: mostly,
    proven: seldom,
    replicated: mostly,
    isLocked: seldom,
    isHeld: seldom,
    isNeeded: seldom,
    hidden: seldom,
    tombstoned: seldom.chain((one) => (one ? seldom : fc.constant(false))),
    isUnreadable: seldom.chain((one) => (one ? seldom : fc.constant(false))),
  })
  .map(({ instant: at, isLocked, isHeld, isNeeded, isUnreadable, ...rest }) =>
    pointAt(at, {
      ...rest,
      holds: isHeld ? ['a case'] : [],
      neededBy: isNeeded ? ['another'] : [],
      ...(isLocked ? { lockedUntil: new Date(NOW.getTime() + HOUR_MS) } : {}),
      ...(isUnreadable ? { unreadable: 'damaged' } : {}),
    }),
  );
const catalog = fc.uniqueArray(state, { maxLength: 60, selector: ({ point }) => point });

const days = (most: number) => fc.integer({ min: 1, max: most * 4 }).map((quarters) => (quarters * DAY_SECONDS) / 4);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
type Wanted = { [Field in keyof RetentionPolicy]: RetentionPolicy[Field] | undefined };
const policy: fc.Arbitrary<RetentionPolicy> = fc
  .record({
    hotSeconds: days(40),
    hourlySeconds: maybe(days(20)),
    dailySeconds: maybe(days(60)),
    monthlySeconds: maybe(days(120)),
    yearlySeconds: maybe(days(120)),
    keepLast: maybe(fc.integer({ min: 1, max: 5 })),
    keepProven: fc.integer({ min: 1, max: 3 }),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
  })
  .map((wanted) => defined({ ...wanted, forever: undefined }));

const defined = (wanted: Wanted): RetentionPolicy =>
  Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as RetentionPolicy;

/** The same policy with each length and number at most as large. */
const shorterOf = (long: RetentionPolicy, share: number): RetentionPolicy => {
  const less = (value: number | undefined) => (value === undefined ? undefined : Math.max(1, Math.floor(value * share)));
  return defined({
    zone: long.zone,
    forever: undefined,
    hotSeconds: less(long.hotSeconds),
    hourlySeconds: less(long.hourlySeconds),
    dailySeconds: less(long.dailySeconds),
    monthlySeconds: share < 0.3 ? undefined : less(long.monthlySeconds),
    yearlySeconds: less(long.yearlySeconds),
    keepLast: share < 0.3 ? undefined : less(long.keepLast),
    keepProven: less(long.keepProven),
  });
};

/** What a listing does not tell is taken as what lets points expire. */
const asListed = (one: PointState): PointState => ({ ...one, holds: [], neededBy: [], lockedUntil: undefined, unreadable: undefined });

/** The points as the inventory has them in the end: read is what the decision may hang on, and what that brings up. */
function readCandidates(truth: readonly PointState[], rules: RetentionPolicy, listed = asListed): PointState[] {
  const states = new Map(truth.map((one) => [one.point, listed(one)]));
  const unread = new Map(truth.map((one) => [one.point, one]));
  for (;;) {
    const next = [...selectCandidates([...states.values()], rules, NOW)].flatMap((point) => unread.get(point) ?? []);
    if (next.length === 0) return [...states.values()];
    for (const one of next) {
      states.set(one.point, one);
      unread.delete(one.point);
    }
  }
}

const decisionOf = (decisions: readonly Decision[], { point }: PointState) => decisions.find((one) => one.point === point)!;

describe('a decision', () => {
  it('is one for each point, with reasons', () => {
    always(fc.tuple(catalog, policy), ([points, rules]) => {
      const decisions = decideRetention(points, rules, NOW);
      expect(decisions.map(({ point }) => point).toSorted()).toEqual(points.map(({ point }) => point).toSorted());
      expect(decisions.every(({ reasons }) => reasons.length > 0)).toBe(true);
    });
  });

  it('takes no failed drill for a passed one, whether anything expires or not', () => {
    const drilled = (one: PointState) => ({ ...asListed(one), proven: true });
    const provenOf = (points: readonly PointState[], rules: RetentionPolicy) =>
      [...surveyPoints(points, rules, NOW).proven].map(({ point }) => point).toSorted();
    always(fc.tuple(catalog, policy), ([points, rules]) => {
      for (const kept of [rules, { ...rules, hotSeconds: 400 * DAY_SECONDS }])
        expect(provenOf(readCandidates(points, kept, drilled), kept)).toEqual(provenOf(points, kept));
    });
  });

  it('does not depend on the order', () => {
    const shuffled = catalog.chain((points) => fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })));
    always(fc.tuple(shuffled, policy), ([[points, others], rules]) =>
      expect(decideRetention(others, rules, NOW)).toEqual(decideRetention(points, rules, NOW)),
    );
  });

  it('by a shorter policy never keeps more', () => {
    always(fc.tuple(catalog, policy, fc.double({ min: 0, max: 1, noNaN: true })), ([points, long, share]) => {
      const kept = new Set(keptOf(decideRetention(points, long, NOW)));
      expect(keptOf(decideRetention(points, shorterOf(long, share), NOW)).filter((point) => !kept.has(point))).toEqual([]);
    });
  });

  it('carried out leaves nothing more to expire', () => {
    always(fc.tuple(catalog, policy), ([points, rules]) => {
      expect(expiredOf(decideRetention(afterExpiry(points, rules, NOW), rules, NOW))).toEqual([]);
    });
  });

  it('never expires what is held, locked, needed, unreadable or not replicated, nor the newest good point nor the newest proven ones', () => {
    always(fc.tuple(catalog, policy), ([points, rules]) => {
      const decisions = decideRetention(points, rules, NOW);
      const settled = points
        .filter((one) => isGood(one) && one.instant <= NOW)
        .toSorted(compareAge)
        .toReversed();
      const kept = [
        ...points.filter((one) => one.holds.length > 0 || one.lockedUntil || one.neededBy.length > 0 || one.unreadable !== undefined),
        ...points.filter((one) => !one.replicated && !one.tombstoned),
        ...settled.slice(0, 1),
        ...settled.slice(0, rules.keepLast ?? 0),
        ...settled.filter(({ proven }) => proven).slice(0, rules.keepProven),
      ];
      for (const one of kept) expect(decisionOf(decisions, one).action).toBe('keep');
      if (settled.length === 0)
        expect(expiredOf(decisions).filter((point) => !points.find((one) => one.point === point)?.tombstoned)).toEqual([]);
    });
  });

  it('of points that are hidden is that of points that are not', () => {
    always(fc.tuple(catalog, policy), ([points, rules]) =>
      expect(
        decideRetention(
          points.map((one) => ({ ...one, hidden: !one.hidden })),
          rules,
          NOW,
        ),
      ).toEqual(decideRetention(points, rules, NOW)),
    );
  });
});

describe('reading some of the records only', () => {
  it('expires nothing that would stay were all of them read', () => {
    const damaged = catalog.map((points) => points.map((one, i) => (i % 3 === 0 ? { ...one, unreadable: 'damaged' } : one)));
    always(fc.tuple(fc.oneof(catalog, damaged), policy), ([truth, rules]) => {
      const whole = new Set(expiredOf(decideRetention(truth, rules, NOW)));
      expect(expiredOf(decideRetention(readCandidates(truth, rules), rules, NOW)).filter((point) => !whole.has(point))).toEqual([]);
    });
  });
});

describe('failed runs', () => {
  it('expire no good point, however many there are and however long nothing good comes', () => {
    const failedDays = fc.array(fc.record({ isCommitted: fc.boolean() }), { minLength: 30, maxLength: 60 });
    always(fc.tuple(catalog, policy, failedDays), ([points, rules, failed]) => {
      const before = afterExpiry(
        points.filter(({ lockedUntil }) => !lockedUntil),
        rules,
        NOW,
      );
      const later = new Date(NOW.getTime() + failed.length * 24 * HOUR_MS);
      const attempts = failed.flatMap(({ isCommitted }, day) =>
        isCommitted ? [pointAt(new Date(NOW.getTime() + (day + 1) * 24 * HOUR_MS - 1000), { verified: false, replicated: false })] : [],
      );
      // What was dated ahead of the clock is a point of the past by then, and counts as one.
      const settled = before.filter(({ instant: at }) => at <= NOW);
      expect(expiredOf(decideRetention([...settled, ...attempts], rules, later))).toEqual([]);
    });
  });
});

describe('a clock that is wrong', () => {
  it('that is hours or years ahead expires nothing that a right one keeps, where no lock is to end', () => {
    const unlocked = catalog.map((points) => points.filter(({ lockedUntil, instant: at }) => !lockedUntil && at <= NOW));
    always(fc.tuple(unlocked, policy, fc.constantFrom(2, 24 * 365)), ([points, rules, hours]) => {
      const ahead = new Date(NOW.getTime() + hours * HOUR_MS);
      expect(decideRetention(points, rules, ahead)).toEqual(decideRetention(points, rules, NOW));
    });
  });

  it('that is two hours behind expires nothing that is newer than it', () => {
    always(fc.tuple(catalog, policy), ([points, rules]) => {
      const behind = new Date(NOW.getTime() - 2 * HOUR_MS);
      const expired = new Set(expiredOf(decideRetention(points, rules, behind)));
      expect(points.filter(({ point, instant: at, tombstoned }) => expired.has(point) && at > behind && !tombstoned)).toEqual([]);
    });
  });
});
