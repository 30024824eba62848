import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { DrillEvidence } from '../../../core/drill/contract.ts';
import { parsePlan } from '../../../core/plan/load.ts';
import { priceSystem } from '../../../core/prices/estimate-system.ts';
import { buildOverview } from '../../../core/report/overview/build-overview.ts';
import { buildRunCalendar, describeMissed } from '../../../core/report/overview/run-calendar.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import type { Fact } from '../../../core/vault/facts.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import type { Catalog, ListedPoint } from '../../../core/vault/read-point.ts';
import { summarizePoint } from '../../../core/vault/summarize-point.ts';
import { sampleModel } from './sample-model.ts';

const plan = parsePlan(readFileSync(new URL('../../../plans/ida.yaml', import.meta.url), 'utf8'), 'plans/ida.yaml');
const asset = plan.assets.find((one) => one.kind === 'postgres') ?? expect.unreachable('ida has a database');
const NOW = new Date('2026-11-21T12:00:00.000Z');

/** Daily at 02:00 UTC, kept for 30 days. */
const daily = {
  id: 'db',
  schedule: { cron: '0 2 * * ? *', timeZone: 'UTC', longestRun: 'PT1H' },
  retention: { ...asset.retention, hot: 'P30D' },
};
const slot = (day: string) => `${day.replaceAll('-', '')}T020000Z`;
const listed = (day: string, isVerified = true): ListedPoint => ({
  point: slot(day),
  kinds: new Set(isVerified ? (['verified'] as const) : []),
  isHidden: false,
  isOverwritten: false,
  isSigned: true,
});
const days = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * 86_400_000).toISOString().slice(0, 10));

const calendarOf = (catalog: Catalog, now = NOW, lost: string[] = []) => {
  const { rows } = buildRunCalendar(
    [{ asset: daily, catalog, lost, drills: [{ at: '2026-11-03T05:00:00.000Z', outcome: 'failed' }] }],
    now,
  );
  const [row] = rows;
  return {
    row: row ?? expect.unreachable(),
    missed: describeMissed(rows),
    stateOf: (day: string) => row?.days.find((one) => one.day === day)?.state,
  };
};

describe('the calendar of runs', () => {
  const kept = days('2026-10-25', 28);
  const catalog: Catalog = {
    points: kept.filter((day) => day !== '2026-11-10').map((day) => listed(day, day !== '2026-11-11')),
    gone: [
      { point: slot('2026-10-20'), hasTombstone: true },
      { point: slot('2026-10-22'), hasTombstone: false },
      { point: slot('2026-09-25'), hasTombstone: true },
    ],
  };

  test('has nine weeks, the last day today', () => {
    const { row } = calendarOf(catalog);
    expect([row.days.length, row.days.at(-1)?.day]).toEqual([63, '2026-11-21']);
    expect(row.drills).toEqual([{ day: '2026-11-03', outcome: 'failed' }]);
  });
  test.each([
    ['2026-11-09', 'verified', 'a point that was verified'],
    ['2026-11-11', 'unverified', 'a point that was not'],
    ['2026-11-10', 'missed', 'a slot that nothing came of'],
    ['2026-10-23', 'missed', 'a slot of before, within the time that points are kept'],
    ['2026-10-22', 'unknown', 'a folder without a manifest, so old that a point would have expired'],
    ['2026-10-20', 'verified', 'a point that has expired, which its tombstone tells'],
    ['2026-10-01', 'unknown', 'a slot so old that its point would have expired'],
    ['2026-09-24', 'none', 'a slot from before there was anything'],
  ])('%s is %s: %s', (day, state) => {
    expect(calendarOf(catalog).stateOf(day)).toBe(state);
  });
  test('a point that was there and is gone is lost, and its run did not fail', () => {
    const { stateOf, missed } = calendarOf(catalog, NOW, [slot('2026-11-10')]);
    expect(stateOf('2026-11-10')).toBe('lost');
    expect(missed).toMatch(/^2 of \d+ slots missed; of 1 the point is lost; of /);
    expect(calendarOf(catalog).missed).toMatch(/^3 of \d+ slots missed; of /);
  });
  test('slots of which nobody can tell are not among those that were not missed', () => {
    expect(calendarOf({ points: [], gone: [] }).missed).toBe('0 of 0 slots missed; 63 from before there was any point');
    const gone = days('2026-09-20', 28).map((day) => ({ point: slot(day), hasTombstone: true }));
    const outage = gone.filter(({ point: id }) => id < slot('2026-10-13') || id > slot('2026-10-19'));
    const since = { points: days('2026-10-18', 35).map((day) => listed(day)), gone: outage };
    expect(calendarOf(since).missed).toBe('0 of 58 slots missed; of 5 nothing is left to tell');
  });
  test('a slot whose run may still be under way is not missed', () => {
    const early = { points: [listed('2026-11-20')], gone: [] };
    expect(calendarOf(early, new Date('2026-11-21T02:30:00.000Z')).stateOf('2026-11-21')).toBe('none');
    expect(calendarOf(early, new Date('2026-11-21T04:30:00.000Z')).stateOf('2026-11-21')).toBe('missed');
  });
});

const manifest = {
  format: 'holdfast/manifest/v1',
  system: 'ida',
  asset: asset.id,
  point: slot('2026-11-21'),
  consistentAt: '2026-11-21T02:00:05.000Z',
  finishedAt: '2026-11-21T02:01:00.000Z',
  source: { sizeBytes: 10e9 },
  objects: [{ sizeBytes: 2e9 }],
  keys: [],
} as unknown as Manifest;
const fact = (own: object) => ({ id: 'x', at: '2026-11-21T02:02:00.000Z', ...own }) as unknown as Fact;
const point = {
  manifest,
  manifestSha256: '',
  manifestVersionId: '',
  facts: [
    fact({ kind: 'verified' }),
    fact({ kind: 'locked', mode: 'governance', until: '2026-12-21T02:02:00.000Z' }),
    fact({ kind: 'replicated', region: 'eu-west-1', at: '2026-11-21T02:03:00.000Z' }),
  ],
};
const holds = [{ asset: asset.id, point: slot('2026-11-21'), hold: 'case', at: '2026-11-21T05:00:00.000Z', by: 'anna', reason: 'a case' }];
const drill = (judgedAt: string, outcome: 'passed' | 'failed' | 'could-not-run', rtoSeconds?: number) =>
  DrillEvidence.parse({
    format: 'holdfast/drill-evidence/v1',
    system: 'ida',
    asset: asset.id,
    run: judgedAt,
    execution: 'e',
    outcome,
    reasons: [],
    startedAt: judgedAt,
    judgedAt,
    objectives: { rpoSeconds: 1, rtoSeconds: 2 },
    measured: { target: 'x', ...(rtoSeconds === undefined ? {} : { rtoSeconds }) },
  });

describe('the overview', () => {
  const catalog: Catalog = { points: [listed('2026-11-21'), listed('2026-11-20')], gone: [] };
  const drills = [
    drill('2026-11-20T03:00:00.000Z', 'passed', 20),
    drill('2026-10-20T03:00:00.000Z', 'failed', 9),
    drill('2026-11-21T03:00:00.000Z', 'could-not-run'),
  ];
  const build = (records: Parameters<typeof buildOverview>[2]['records']) =>
    buildOverview(plan, { colour: 'green', assets: {} }, { model: sampleModel, records }, NOW);
  const judged = [summarizePoint(point.manifest, point.facts)];
  const all = { catalog, newest: [point], judged, lost: [], drills, holds };
  const overview = build({ [asset.id]: all });

  test('says how old the newest verified data is, beside what is allowed', () => {
    expect(overview.freshness).toEqual([
      { asset: asset.id, colour: 'no data', ageSeconds: 9 * 3600 + 59 * 60 + 55, statedSeconds: 3600, allowedSeconds: expect.any(Number) },
    ]);
  });
  test('has the times of drills, oldest first, without those that measured none', () => {
    expect(overview.trends[0]?.drills.map(({ seconds, outcome }) => [seconds, outcome])).toEqual([
      [9, 'failed'],
      [20, 'passed'],
    ]);
  });
  test('counts locks, copies and holds', () => {
    expect(overview.locks).toEqual([
      {
        asset: asset.id,
        points: 2,
        verified: 2,
        signed: 2,
        replicated: 0,
        read: 1,
        locked: 1,
        firstEnd: '2026-12-21T02:02:00.000Z',
        lastEnd: '2026-12-21T02:02:00.000Z',
        modes: { governance: 1, compliance: 0 },
        lagSeconds: 120,
        held: 1,
      },
    ]);
    expect(overview.holds).toMatchObject([{ hold: 'case', by: 'anna', reason: 'a case' }]);
  });
  test('a lock that has ended is none', () => {
    const later = buildOverview(
      plan,
      { colour: 'green', assets: {} },
      { model: sampleModel, records: { [asset.id]: all } },
      new Date('2027-01-01T00:00:00.000Z'),
    );
    expect(later.locks[0]).toMatchObject({ locked: 0, firstEnd: undefined });
  });
  test('answers what norms ask, and claims nothing of what is not there', () => {
    const stateOf = (records: Parameters<typeof build>[0], asks: RegExp) =>
      build(records).controls.find((one) => asks.test(one.asks))?.state;
    const copied = catalog.points.map((one) => ({ ...one, kinds: new Set([...one.kinds, 'replicated' as const]) }));
    expect(stateOf({ [asset.id]: { ...all, catalog: { ...catalog, points: copied } } }, /far enough away/)).toBe('shown');
    expect(stateOf({ [asset.id]: all }, /far enough away/)).toBe('not shown');
    expect(stateOf({}, /far enough away/)).toBe('not shown');
    expect(stateOf({}, /as often as/)).toBe('not shown');
    expect(stateOf({}, /complete and correct/)).toBe('not shown');
    expect(new Set(overview.controls.map(({ norm }) => norm)).size).toBe(2);
  });
  test('is judged by what the colour is judged by, whatever is shown', () => {
    const ofNone = build({ [asset.id]: { ...all, newest: [] } });
    expect(ofNone.freshness[0]?.ageSeconds).toBe(overview.freshness[0]?.ageSeconds);
  });
  test('counts locks by mode, since a role can lift one of them', () => {
    const compliance = fact({ kind: 'locked', mode: 'compliance', until: '2026-12-22T02:02:00.000Z' });
    const newer = { ...point, facts: [compliance] };
    expect(build({ [asset.id]: { ...all, newest: [newer, point, point] } }).locks[0]?.modes).toEqual({ governance: 2, compliance: 1 });
  });
  test('calls no drill within the RTO that failed, or that is over it with the time of people', () => {
    const trendOf = (of: readonly DrillEvidence[], change: Partial<typeof asset> = {}) => {
      const assets = plan.assets.map((one) => (one.id === asset.id ? { ...asset, gaps: [], ...change } : one));
      const records = { [asset.id]: { ...all, drills: of } };
      return buildOverview({ ...plan, assets }, { colour: 'green', assets: {} }, { model: sampleModel, records }, NOW);
    };
    const [early, late] = ['2026-11-19T03:00:00.000Z', '2026-11-20T03:00:00.000Z'];
    const rto = { ...asset.objectives, rto: 'PT1H' };
    const failed = trendOf([drill(early, 'passed', 3000), drill(late, 'failed', 30)], { objectives: rto, expected: undefined });
    expect(failed.trends[0]).toMatchObject({ verdict: 'met', isLastFailed: true, taken: { seconds: 3000 } });
    expect(renderReport(sampleModel, failed)).toContain('Last drill failed');
    expect(renderReport(sampleModel, failed)).not.toContain('Within the RTO');
    expect(failed.controls.find(({ seeIn }) => seeIn === 'Time of drills')?.state).toBe('not shown');
    const expected = { sizeGiB: 1, restoreMiBps: 25, approval: 'PT30M' };
    const slow = trendOf([drill(late, 'passed', 3000)], { objectives: rto, expected });
    expect(slow.trends[0]).toMatchObject({ verdict: 'missed', taken: { seconds: 3000, people: 1800 } });
    const quick = trendOf([drill(late, 'passed', 300)], { objectives: rto, expected });
    expect(quick.trends[0]?.verdict).toBe('met');
    expect(renderReport(sampleModel, quick)).toContain('people 30 min more');
  });
  test('calls nothing complete while points are lost or damaged, or unsigned', () => {
    const completeOf = (points: Catalog['points'], wrongs: typeof sampleModel.wrongs = []) =>
      buildOverview(
        plan,
        { colour: 'green', assets: {} },
        { model: { ...sampleModel, wrongs }, records: { [asset.id]: { ...all, catalog: { ...catalog, points } } } },
        NOW,
      ).controls.find(({ asks }) => /complete and correct/.test(asks));
    expect(completeOf(catalog.points)?.state).toBe('shown');
    expect(completeOf(catalog.points, sampleModel.wrongs)).toMatchObject({
      state: 'partly',
      answer: expect.stringContaining('1 thing not'),
    });
    expect(completeOf(catalog.points.map((one, i) => ({ ...one, isSigned: i > 0 })))?.state).toBe('partly');
  });
  test('draws the same page for the same records', () => {
    expect(renderReport(sampleModel, overview)).toBe(renderReport(sampleModel, build({ [asset.id]: all })));
  });
});

describe('the price of a plan', () => {
  const price = (databaseBytes: number | undefined, storedBytes: number) => priceSystem(plan, [{ asset, databaseBytes, storedBytes }], NOW);
  test('counts each backup and drill of a month, and what is stored twice', () => {
    const small = price(10e9, 0);
    const stored = price(10e9, 100e9);
    expect(stored.totalUsd - small.totalUsd).toBeCloseTo(2 * 100 * 0.023, 5);
    expect(small.totalUsd).toBeCloseTo(
      small.lines.reduce((sum, { usd }) => sum + usd, 0),
      5,
    );
    expect(price(20e9, 0).totalUsd).toBeGreaterThan(small.totalUsd);
  });
  test('says whose size is not known', () => {
    expect(price(undefined, 0).notes.join()).toContain(`Without the size of ${asset.id}`);
    expect(price(1, 0).notes.join()).not.toContain('Without the size');
  });
});
