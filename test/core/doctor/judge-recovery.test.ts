import { expect, it } from 'vitest';
import { judgeRecovery, type SeenRecovery } from '../../../core/doctor/judge-recovery.ts';
import { DrillEvidence } from '../../../core/drill/contract.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { Quiesce } from '../../../core/plan/schema-quiesce.ts';
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
const findings = (seen: Partial<SeenRecovery>, change?: Change) => {
  const plan = planWith(change);
  return judgeRecovery(plan, plan.assets[0] as PostgresAsset, { drills: [], newest: undefined, ...seen });
};
const judge = (seen: Partial<SeenRecovery>, change?: Change) => findings(seen, change).map(({ path, problem }) => `${path}: ${problem}`);
const severities = (drills: SeenRecovery['drills']) => findings({ drills }).map(({ severity }) => severity);
const GIB = 1024 ** 3;
const holding = (restoredBytes: number, orders = 10) => ({
  point: '20261120T000000Z',
  restoredBytes,
  databaseBytes: 10 * GIB,
  backupSeconds: 600,
  rows: [
    { table: 'public.orders', rows: orders },
    { table: 'public.log', rows: 5000 },
  ],
});

it('has nothing to say where nothing was backed up, or what was measured fits', () => {
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

it('takes a point that holds less for no sooner restored', () => {
  const tight: Change = (_, database) => void (database.objectives.rto = 'PT1H');
  expect(judge({ drills: [drill()], newest: holding(1000) }, tight)).toHaveLength(1);
  expect(judge({ drills: [drill()], newest: holding(400) }, tight)).toEqual([
    expect.stringContaining('a recovery takes about 1 h, and the RTO is 1 h: restore 1 h (measured: drill r1)'),
  ]);
});

it('reckons with the drill that is most like a recovery', () => {
  const tight: Change = (_, database) => void (database.objectives.rto = 'PT1H');
  const others = [drill({ run: 'r3', from: 'replica', isNewest: true }), drill({ run: 'r2', from: 'vault', isNewest: false })];
  const by = (drills: DrillEvidence[]) => judge({ drills, newest: holding(1000) }, tight).join();
  expect(by([...others, drill({ from: 'vault', isNewest: true })])).toContain('(measured: drill r1)');
  expect(by(others)).toContain('(measured: drill r2, of an older point)');
  expect(by(others.slice(0, 1))).toContain('(measured: drill r3, from the replica)');
});

it('counts what replacing the database takes besides, where the plan says what is to be stopped for that', () => {
  const replaced: Change = (_, database) =>
    void Object.assign(database, {
      restore: {
        ...database.restore,
        quiesce: Quiesce.parse({
          steps: [{ kind: 'manual', name: 'stop', what: 'Stop the shop by hand', putBack: 'Start the shop by hand' }],
        }),
      },
    });
  // 3,600 s and 100 s of the drill, 600 s of the newest backup.
  expect(judge({ drills: [drill()], newest: holding(1000) }, replaced)).toEqual([]);
  const quiesce = { run: 'q1', seconds: 3000 };
  expect(judge({ drills: [drill()], newest: holding(1000), quiesce }, replaced)).toEqual([
    expect.stringContaining(
      'stopping and putting back 50 min (measured: restore q1), safety backup 10 min (measured: backup 20261120T000000Z), restore 1 h',
    ),
  ]);
  expect(judge({ drills: [drill()], newest: holding(1000), quiesce })).toEqual([]);
});

it('says of a database that no drill restored what it reckons with instead, and that nothing is measured', () => {
  expect(judge({ newest: holding(1000) }, (_, database) => delete database.expected)).toEqual([
    'assets[orders].objectives.rto: No drill has passed: that a recovery takes about 6.8 min is reckoned, not measured: restore 6.8 min (assumed: 10.0 GiB of 20261120T000000Z at 25 MiB a second)',
  ]);
  const [found, ...rest] = judge({ newest: { ...holding(1000), databaseBytes: 200 * GIB }, drills: [drill({ outcome: 'could-not-run' })] });
  expect(found).toContain('A restore test cannot start');
  expect(rest).toEqual([expect.stringMatching(/a recovery takes about 2\.3 h, and the RTO is 2 h: .*No drill has passed/)]);
});

it('says why a test could not start, or what was not whole, by the last drill', () => {
  const last = (outcome: 'failed' | 'could-not-run') => drill({ outcome, reasons: ['no room'], result: undefined });
  expect(judge({ drills: [last('could-not-run'), drill()] })).toEqual(['assets[orders].drill: A restore test cannot start: no room']);
  expect(judge({ drills: [last('failed'), drill()] })).toEqual(['assets[orders].drill: Restored data may be incomplete: no room']);
  expect(judge({ drills: [drill(), last('failed')] })).toEqual([]);
  // What a drill found wrong is no mere remark; one that could not run has found nothing.
  expect(severities([last('failed')])).toEqual(['error']);
  expect(severities([last('could-not-run'), drill()])).toEqual(['warning']);
  // A later one that could not run takes nothing back.
  expect(judge({ drills: [last('could-not-run'), last('failed'), drill()] })).toEqual([
    'assets[orders].drill: A restore test cannot start: no room',
    'assets[orders].drill: Restored data may be incomplete: no room',
  ]);
});

it('counts the objects of its tier, of the tables that are counted', () => {
  const tiered =
    (countedTables: string[]): Change =>
    (plan, database) => {
      plan.tiers = { cadence: [], size: [{ name: 'small', mostObjects: 1000, rtoSameHost: 'PT2H', rtoNewHost: 'PT2H' }] };
      database.tier = { size: 'small', host: 'new', countedTables };
    };
  expect(judge({ drills: [drill()], newest: holding(1) }, tiered(['public.orders']))).toEqual([]);
  expect(judge({ drills: [drill()], newest: holding(1, 1001) }, tiered(['public.orders']))).toEqual([
    expect.stringContaining('1001 are measured'),
  ]);
  expect(judge({ drills: [drill()], newest: holding(1) }, tiered([]))).toEqual([expect.stringContaining('5010 are measured')]);
});
