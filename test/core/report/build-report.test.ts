import { describe, expect, test } from 'vitest';
import { DrillEvidence } from '../../../core/drill/contract.ts';
import type { ReadBackFact } from '../../../core/escrow/facts.ts';
import type { ProtectionPlan } from '../../../core/plan/schema.ts';
import { buildReport, type ReportRecords } from '../../../core/report/build-report.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import { database, keyAsset, point } from '../status/states.ts';

const gap = { id: 'X-1', objective: 'rpo', bound: 'PT25H', what: 'something that is not done', reason: 'because it is not there' };
const plan = {
  system: 'ida',
  owner: 'o',
  operator: 'p',
  classification: 'restricted',
  home: { region: 'eu-central-1' },
  replica: { region: 'eu-west-1' },
  assets: [database({ gaps: [gap] }), keyAsset()],
  gaps: [{ what: 'another thing that is not done', reason: 'because it is not there' }],
} as unknown as ProtectionPlan;

const evidence = (judgedAt: string, outcome: 'passed' | 'failed', rtoSeconds?: number): DrillEvidence =>
  DrillEvidence.parse({
    format: 'holdfast/drill-evidence/v1',
    system: 'ida',
    asset: 'db',
    run: judgedAt,
    execution: 'e',
    outcome,
    reasons: [],
    startedAt: judgedAt,
    judgedAt,
    objectives: { rpoSeconds: 1, rtoSeconds: 2 },
    measured: { rpoSeconds: 10, ...(rtoSeconds === undefined ? {} : { rtoSeconds }), target: 'ephemeral PostgreSQL 16' },
  });

const readBack = (fingerprint: string, region: string, at: string): ReadBackFact => ({
  format: 'holdfast/escrow-fact/v1',
  kind: 'readback',
  system: 'ida',
  key: 'key',
  fingerprint,
  id: at,
  at,
  region,
  regionFingerprint: '',
  envelopeVersionId: `${region} ${at}`,
});

const records: ReportRecords = {
  points: {
    db: [
      point({ point: 'older', consistentAt: '2026-11-19T00:00:00.000Z' }),
      point({ point: 'newer', consistentAt: '2026-11-20T00:00:00.000Z' }),
    ],
  },
  evidences: {
    db: [
      evidence('2026-11-18T00:00:00.000Z', 'passed', 7),
      evidence('2026-11-20T00:00:00.000Z', 'failed'),
      evidence('2026-11-19T00:00:00.000Z', 'passed', 9),
    ],
  },
  escrow: {
    key: {
      current: 'bb',
      versions: [],
      readBacks: [
        readBack('aa', 'eu-central-1', '2026-11-20T00:00:00.000Z'),
        readBack('bb', 'eu-central-1', '2026-11-19T00:00:00.000Z'),
        readBack('bb', 'eu-central-1', '2026-11-20T00:00:00.000Z'),
        readBack('bb', 'eu-west-1', '2026-11-20T00:00:00.000Z'),
      ],
    },
  },
};
const around = { generatedAt: '2026-11-21T00:00:00.000Z', version: '0.1.0', platform: 'AWS', runs: [], attempts: [], notShown: [] };
const status = { colour: 'red' as const, assets: { db: { colour: 'red' as const, reasons: [] } } };

describe('the model of the page', () => {
  const model = buildReport(plan, status, records, around);
  test('has points and drills newest first', () => {
    expect(model.databases[0]?.points.map((found) => found.point)).toEqual(['newer', 'older']);
    expect(model.databases[0]?.drills.map((drill) => drill.outcome)).toEqual(['failed', 'passed', 'passed']);
  });
  test('measures by the newest drill that passed, beside what a gap allows', () => {
    expect(model.databases[0]?.objectives).toEqual([
      {
        name: 'RPO',
        statedSeconds: 86_400,
        accepted: { seconds: 90_000, by: 'X-1' },
        measured: { seconds: 10, on: 'ephemeral PostgreSQL 16' },
        verdict: 'met',
      },
      {
        name: 'RTO',
        statedSeconds: 3600,
        accepted: undefined,
        measured: { seconds: 9, on: 'ephemeral PostgreSQL 16' },
        verdict: 'met',
      },
    ]);
  });
  test('shows of each version the newest read-back in each region, the current one first', () => {
    expect(
      model.keys[0]?.readBacks.map(({ fingerprint, isCurrent, place, versionId }) => [fingerprint, isCurrent, place, versionId]),
    ).toEqual([
      ['bb', true, 'vault', 'eu-central-1 2026-11-20T00:00:00.000Z'],
      ['bb', true, 'replica', 'eu-west-1 2026-11-20T00:00:00.000Z'],
      ['aa', false, 'vault', 'eu-central-1 2026-11-20T00:00:00.000Z'],
    ]);
  });
  test('names the gaps of assets and of the plan', () => {
    expect(model.gaps.map(({ scope, bound }) => [scope, bound])).toEqual([
      ['db', 'RPO 25 h'],
      ['whole plan', undefined],
    ]);
  });
  test('says no data of an asset that nobody judged', () => {
    expect(model.keys[0]?.status.colour).toBe('no data');
  });
  test('is a page', () => {
    expect(renderReport(model)).toContain('</html>');
  });
});
