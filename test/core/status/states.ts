/** States of assets for tests: a database that is green, a key that is green, and ways to change them. */
import { DrillEvidence, DrillResult } from '../../../core/drill/contract.ts';
import type { KeyAsset, PostgresAsset } from '../../../core/plan/schema.ts';
import { Asset } from '../../../core/plan/schema.ts';
import type { Status } from '../../../core/status/colour.ts';
import type { DatabaseState } from '../../../core/status/decide-database.ts';
import type { KeyState } from '../../../core/status/decide-key.ts';
import type { DrillSummary, KeyProof } from '../../../core/status/summary.ts';
import type { PointSummary } from '../../../core/vault/summarize-point.ts';

export const NOW = new Date('2026-11-21T12:00:00.000Z');
export const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
export const daysAgo = (days: number) => hoursAgo(24 * days);

const schedule = { cron: '0 2 * * ? *', timeZone: 'UTC', longestRun: 'PT1H' };

export const database = (over: object = {}): PostgresAsset =>
  Asset.parse({
    id: 'db',
    kind: 'postgres',
    objectives: { rpo: 'PT24H', rto: 'PT1H' },
    source: { secret: 's', postgresMajor: 16 },
    schedule,
    retention: { hot: 'P30D' },
    lock: { length: 'P30D', longestDetection: 'P14D' },
    needsKeys: ['key'],
    drill: {
      schedule: { ...schedule, longestRun: 'PT4H' },
      period: 'P90D',
      checks: [{ name: 'rows', sql: 'SELECT 1', expect: 1 }],
      canaries: [{ key: 'key', sql: 'SELECT 1' }],
    },
    ...over,
  }) as PostgresAsset;

export const keyAsset = (over: object = {}): KeyAsset =>
  Asset.parse({
    id: 'key',
    kind: 'key',
    objectives: { rpo: 'PT24H', rto: 'PT1H' },
    source: { secret: 'k' },
    escrow: { schedule },
    ...over,
  }) as KeyAsset;

export const point = (over: Partial<PointSummary> = {}): PointSummary => ({
  point: '20261121T020000Z',
  consistentAt: hoursAgo(10),
  committedAt: hoursAgo(10),
  sizeBytes: 1000,
  verifiedAt: hoursAgo(9.9),
  lockedUntil: daysAgo(-30),
  lockMode: 'governance',
  replicatedAt: hoursAgo(9.8),
  replicaRegion: 'eu-west-1',
  lastDrill: undefined,
  keys: [],
  provenAt: undefined,
  ...over,
});

export const drill = (over: Partial<DrillSummary> = {}): DrillSummary => ({
  at: daysAgo(3),
  outcome: 'passed',
  point: '20261118T020000Z',
  reasons: [],
  rpoSeconds: 3600,
  rtoSeconds: 120,
  target: 'ephemeral PostgreSQL 16',
  ...over,
});

const green: Status = { colour: 'green', reasons: [{ colour: 'green', code: 'fresh-and-proven', text: 'fine' }] };
export const databaseState = (over: Partial<DatabaseState> = {}): DatabaseState => ({
  asset: database(),
  points: [point()],
  drills: [drill()],
  neededKeys: { key: green },
  ...over,
});

const readBacks = (at: string, fingerprint = 'aa') => (['vault', 'replica'] as const).map((place) => ({ place, fingerprint, at }));
export const proof = (over: Partial<KeyProof> = {}): KeyProof => ({ at: daysAgo(3), outcome: 'passed', reason: '', ...over });
export const keyState = (summary: Partial<KeyState['summary']> = {}, over: Partial<KeyState> = {}): KeyState => ({
  asset: keyAsset(),
  summary: { key: 'key', current: 'aa', readBacks: readBacks(hoursAgo(10)), proofs: [proof()], versions: [], ...summary },
  provenBy: [database()],
  ...over,
});
export { readBacks };

/** What the task of a drill wrote. */
export const drillResult = (over: Partial<DrillResult>): DrillResult =>
  DrillResult.parse({
    format: 'holdfast/drill-result/v1',
    system: 'ida',
    asset: 'db',
    point: 'p',
    run: 'r',
    from: 'vault',
    manifestSha256: '',
    phases: [],
    checks: [],
    bytesRestored: 1,
    isolation: 'own-uid',
    serverVersion: '16',
    notes: [],
    ...over,
  });

/** The evidence of a drill that passed. */
export const drillEvidence = (over: Partial<DrillEvidence>): DrillEvidence =>
  DrillEvidence.parse({
    format: 'holdfast/drill-evidence/v1',
    system: 'ida',
    asset: 'db',
    run: 'r',
    execution: 'e',
    outcome: 'passed',
    reasons: [],
    ...over,
  });
