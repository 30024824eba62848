import { expect, it } from 'vitest';
import { judgeRecovery, type SeenRecovery } from '../../../core/doctor/judge-recovery.ts';
import { DrillEvidence } from '../../../core/drill/contract.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { planWith, type Change } from '../plan/plan-fixture.ts';

const drill = (parts: object = {}) =>
  DrillEvidence.parse({
    format: 'holdfast/drill-evidence/v1',
    system: 'shop',
    asset: 'orders',
    run: 'r1',
    execution: 'x',
    outcome: 'passed',
    reasons: [],
    startedAt: '2026-11-20T00:00:00Z',
    judgedAt: '2026-11-20T01:00:00Z',
    objectives: { rpoSeconds: 1, rtoSeconds: 7200 },
    measured: { target: 'ephemeral', rtoSeconds: 3700 },
    result: {
      format: 'holdfast/drill-result/v1',
      system: 'shop',
      asset: 'orders',
      point: 'p',
      run: 'r1',
      from: 'vault',
      manifestSha256: '',
      startedAt: '2026-11-20T00:00:00Z',
      finishedAt: '2026-11-20T01:00:00Z',
      consistentAt: '2026-11-20T00:00:00Z',
      phases: [
        { name: 'restore', seconds: 3600 },
        { name: 'checks', seconds: 100 },
      ],
      checks: [],
      bytesRestored: 1000,
      isolation: 'own-uid',
      serverVersion: '17',
      notes: [],
    },
    ...parts,
  });
const judge = (seen: Partial<SeenRecovery>, change?: Change) => {
  const plan = planWith(change);
  return judgeRecovery(plan, plan.assets[0] as PostgresAsset, { drills: [], newest: undefined, ...seen }).map(
    ({ path, problem }) => `${path}: ${problem}`,
  );
};
const holding = (sizeBytes: number, orders = 10) => ({
  sizeBytes,
  rows: [
    { table: 'public.orders', rows: orders },
    { table: 'public.log', rows: 5000 },
  ],
});

it('has nothing to say where nothing was measured, or what was measured fits', () => {
  expect(judge({})).toEqual([]);
  expect(judge({ drills: [drill()], newest: holding(1900) })).toEqual([]);
});

it('reckons with what there is to restore today (objective unrealistic)', () => {
  expect(judge({ drills: [drill()], newest: holding(2000) })).toEqual([
    'assets[orders].objectives.rto: The objective is unrealistic: a recovery takes about 2.1 h, and the RTO is 2 h: restore 2 h (measured: drill r1, for 2.0 times as much), validation 3.3 min (measured: drill r1, for 2.0 times as much)',
  ]);
  const people: Change = (_, database) => void (database.expected = { sizeGiB: 1, restoreMiBps: 25, approval: 'PT1H' });
  expect(judge({ drills: [drill()], newest: holding(1000) }, people)).toEqual([
    expect.stringContaining('approval 1 h (stated: expected.approval), restore 1 h (measured'),
  ]);
});

it('says why a test could not start, or what was not whole, by the last drill', () => {
  const last = (outcome: 'failed' | 'could-not-run') => drill({ outcome, reasons: ['no room'], result: undefined });
  expect(judge({ drills: [last('could-not-run'), drill()] })).toEqual(['assets[orders].drill: A restore test cannot start: no room']);
  expect(judge({ drills: [last('failed'), drill()] })).toEqual(['assets[orders].drill: Restored data may be incomplete: no room']);
  expect(judge({ drills: [drill(), last('failed')] })).toEqual([]);
});

it('counts the objects of its tier, of the tables that are counted', () => {
  const tiered =
    (countedTables: string[]): Change =>
    (plan, database) => {
      plan.tiers = { cadence: [], size: [{ name: 'small', mostObjects: 1000, rtoSameHost: 'PT2H', rtoNewHost: 'PT2H' }] };
      database.tier = { size: 'small', host: 'new', countedTables };
    };
  expect(judge({ newest: holding(1) }, tiered(['public.orders']))).toEqual([]);
  expect(judge({ newest: holding(1, 1001) }, tiered(['public.orders']))).toEqual([expect.stringContaining('1001 are measured')]);
  expect(judge({ newest: holding(1) }, tiered([]))).toEqual([expect.stringContaining('5010 are measured')]);
});
