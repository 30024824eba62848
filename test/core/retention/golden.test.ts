/** The policies of the shipped plans over a calendar of points: what is kept on a date, and why. test/golden/retention/*.txt */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../core/plan/load.ts';
import { decideRetention } from '../../../core/retention/decide.ts';
import type { PointState } from '../../../core/retention/point-state.ts';
import { retentionPolicy, type RetentionPolicy } from '../../../core/retention/policy.ts';
import { daily, DAY_SECONDS, keptOf, pointAt, renderCalendar } from './calendar.ts';

const planPolicy = (system: string): RetentionPolicy => {
  const plan = parsePlan(readFileSync(new URL(`../../../plans/${system}.yaml`, import.meta.url), 'utf8'), `${system}.yaml`);
  const asset = plan.assets.find((one) => one.kind === 'postgres');
  if (!asset) throw new Error(`${system} has no database`);
  return retentionPolicy(asset);
};

const golden = (points: readonly PointState[], policy: RetentionPolicy, now: string, name: string) =>
  expect(renderCalendar(points, policy, new Date(now))).toMatchFileSnapshot(`../../golden/retention/${name}.txt`);

describe('what the shipped plans keep', () => {
  it('IDA: 30 days, then the first of each month for 12 months', async () => {
    // The points of two days in which all runs failed, one of them a first of a month; drills in each quarter.
    const drilled = new Set(['2026-04-01', '2026-07-01', '2026-10-01']);
    const points = daily('2025-10-01', '2026-11-21', '01:15:00', (date) => ({
      verified: date !== '2026-03-01',
      proven: drilled.has(date),
    })).filter(({ point }) => !point.startsWith('20260615'));
    await golden(points, planPolicy('ida'), '2026-11-21T06:00:00Z', 'ida');
    const kept = keptOf(decideRetention(points, planPolicy('ida'), new Date('2026-11-21T06:00:00Z')));
    expect(kept).toContain('20260302T011500Z');
    expect(kept).not.toContain('20251101T011500Z');
    expect(kept).toContain('20251201T011500Z');
  });

  it('NMIA: 30 days', async () => {
    const points = daily('2026-09-20', '2026-11-21', '02:00:00', (date) => ({ proven: date.endsWith('-01') }));
    await golden(points, planPolicy('nmia'), '2026-11-21T06:00:00Z', 'nmia');
  });

  it('Idswyft: 30 daily points, and the one of the first of the month for 365 days', async () => {
    const points = daily('2025-10-15', '2026-11-21', '02:30:00', (date) => ({ proven: date.endsWith('-01') && date > '2026-09' }));
    await golden(points, planPolicy('idswyft'), '2026-11-21T06:00:00Z', 'idswyft');
  });

  it('for ever: all of them', async () => {
    const points = daily('2016-01-01', '2026-11-21').filter((_, index) => index % 50 === 0);
    await golden(points, { ...planPolicy('nmia'), forever: true }, '2026-11-21T06:00:00Z', 'forever');
  });

  it('hours, days, months and years, with what is held, locked, needed, not replicated, unreadable, half gone or hidden', async () => {
    const policy: RetentionPolicy = {
      hotSeconds: DAY_SECONDS / 2,
      hourlySeconds: DAY_SECONDS,
      dailySeconds: 4 * DAY_SECONDS,
      monthlySeconds: 92 * DAY_SECONDS,
      yearlySeconds: 800 * DAY_SECONDS,
      keepLast: 3,
      keepProven: 2,
      zone: 'Europe/Berlin',
    };
    const halfHours = Array.from({ length: 48 * 6 }, (_, n) => pointAt(new Date(Date.parse('2026-11-15T12:00:00Z') + n * 1_800_000)));
    const odd: PointState[] = [
      pointAt('2026-11-10T03:00:00Z', { holds: ['case 4711'] }),
      pointAt('2026-11-10T03:30:00Z', { lockedUntil: new Date('2026-12-01T00:00:00Z') }),
      pointAt('2026-11-10T04:00:00Z', { lockedUntil: new Date('2026-11-20T00:00:00Z') }),
      pointAt('2026-11-10T04:30:00Z', { neededBy: ['20261121T110000Z'] }),
      pointAt('2026-11-10T05:00:00Z', { replicated: false }),
      pointAt('2026-11-10T05:30:00Z', { unreadable: 'its manifest is not JSON' }),
      pointAt('2026-11-10T06:00:00Z', { tombstoned: true, replicated: false }),
      pointAt('2026-11-10T06:30:00Z', { tombstoned: true, holds: ['case 4711'] }),
      pointAt('2026-11-10T07:00:00Z', { hidden: true }),
      pointAt('2026-11-10T07:30:00Z', { verified: false }),
      ...['2026-08-31', '2026-09-01', '2026-09-30', '2026-10-31', '2025-12-31', '2026-01-01'].map((date) => pointAt(`${date}T22:30:00Z`)),
      ...['2026-02-01', '2026-02-02', '2026-02-03'].map((date) => pointAt(`${date}T08:00:00Z`, { proven: true })),
    ];
    await golden([...halfHours, ...odd], policy, '2026-11-21T12:00:00Z', 'all-windows');
  });
});
