import { describe, expect, it } from 'vitest';
import { expectedLock, selectDueLocks } from '../../../core/audit/expected-lock.ts';
import type { LockTerm } from '../../../core/lock/lock-terms.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { scheduledSlotId } from '../../../core/vault/ids.ts';
import { FACT_FORMAT, type DrilledFact, type Fact, type LockedFact } from '../../../core/vault/facts.ts';
import { pointAt } from '../retention/calendar.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-11-30T12:00:00Z');
const TERM: LockTerm = { mode: 'governance', lengthDays: 30 };
const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, monthlySeconds: 366 * 86_400, keepProven: 1, zone: 'UTC' };
const HOT: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const after = (instant: Date | string, days: number) => new Date(new Date(instant).getTime() + days * DAY_MS);
const daysAgo = (days: number) => after(NOW, -days);

const common = { format: FACT_FORMAT, system: 'ida', asset: 'ida-db', point: 'p', id: 'r' } as const;
const locked = (until: Date): LockedFact => ({
  ...common,
  kind: 'locked',
  at: NOW.toISOString(),
  mode: 'governance',
  until: until.toISOString(),
  objects: 1,
});
const drilled = (at: Date): DrilledFact => ({
  ...common,
  kind: 'drilled',
  at: at.toISOString(),
  outcome: 'passed',
  evidence: 'e',
  rtoSeconds: 1,
  from: 'vault',
  reasons: [],
});

/** What is expected of a point that was made so many days ago and locked for so many, beside a newer one. */
function expectedOf(days: number, lockedDays: number, { policy = POLICY, term = TERM, proven = false, facts = [] as DrilledFact[] } = {}) {
  const made = daysAgo(days);
  const due = selectDueLocks([pointAt(made, { proven }), pointAt(daysAgo(0.5))], policy, term, NOW).get(scheduledSlotId(made));
  return expectedLock({ finishedAt: made.toISOString() }, [locked(after(made, lockedDays)), ...facts], term, due, {
    side: 'vault',
    now: NOW,
  });
}

describe('the lock that a point must have', () => {
  it('is that of the window it is the first of, whatever its facts say', () => {
    expect(expectedOf(60, 30)).toEqual({ mode: 'governance', until: after(daysAgo(60), 366) });
    expect(expectedOf(60, 30, { term: { ...TERM, mode: 'compliance' } })?.mode).toBe('compliance');
  });

  it("is half of the plan's, less two days, of what is kept however old it is", () => {
    expect(expectedOf(60, 30, { policy: HOT, proven: true })?.until).toEqual(after(NOW, 13));
    expect(expectedOf(60, 30, { policy: { ...POLICY, forever: true } })?.until).toEqual(after(NOW, 433));
  });

  it('is for two days that of its commit alone, as it is while it is kept for a drill of yesterday', () => {
    expect(expectedOf(1, 30)?.until).toEqual(after(daysAgo(1), 30));
    expect(expectedOf(60, 30, { proven: true, facts: [drilled(daysAgo(1))] })).toBeUndefined();
    // A drill that failed makes nobody keep it.
    const failed = { ...drilled(daysAgo(1)), outcome: 'failed' as const };
    expect(expectedOf(60, 30, { facts: [failed] })?.until).toEqual(after(daysAgo(60), 366));
  });

  it('grows with the plan for nothing that was made before', () => {
    const beside = [pointAt(daysAgo(20)), pointAt(daysAgo(5))];
    expect(selectDueLocks(beside, HOT, TERM, NOW).has(scheduledSlotId(daysAgo(20)))).toBe(false);
    expect(
      expectedLock({ finishedAt: daysAgo(20).toISOString() }, [locked(after(daysAgo(20), 14))], TERM, undefined, {
        side: 'vault',
        now: NOW,
      }),
    ).toBeUndefined();
  });

  it('of the replica is that of the copy, however long the vault has locked its own since, until the replica does so', () => {
    const made = daysAgo(1);
    const copied = { ...common, kind: 'replicated' as const, at: after(made, 0.1).toISOString(), bucket: 'b', region: 'r', objects: [] };
    const first = { ...locked(after(made, 30)), at: made.toISOString() };
    const extended = { ...locked(after(made, 366)), at: NOW.toISOString() };
    const of = (side: 'vault' | 'replica', ...facts: Fact[]) =>
      expectedLock({ finishedAt: made.toISOString() }, facts, TERM, undefined, { side, now: NOW })?.until;
    const facts = [first, extended, { ...copied, lockedUntil: after(made, 30).toISOString() }];
    expect(of('vault', ...facts)).toEqual(after(made, 366));
    expect(of('replica', ...facts)).toEqual(after(made, 30));
    // The replica's own word, and a lock that its copy has had from the first.
    expect(of('replica', ...facts, { ...extended, from: 'replica' })).toEqual(after(made, 366));
    expect(of('vault', first, { ...extended, from: 'replica' })).toEqual(after(made, 30));
    expect(of('replica', first, { ...copied, lockedUntil: after(made, 366).toISOString() })).toEqual(after(made, 366));
    // What is not wholly there yet has the lock of its commit.
    expect(of('replica', first, extended)).toEqual(after(made, 30));
  });

  it("is the plan's where no fact says that it was locked", () => {
    expect(expectedLock({ finishedAt: daysAgo(3).toISOString() }, [], TERM, undefined, { side: 'vault', now: NOW })?.until).toEqual(
      after(daysAgo(3), 30),
    );
  });
});
