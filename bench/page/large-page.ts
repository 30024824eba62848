/** The page of a system of any size, by what makes every page: from records to the model, and from that to HTML. */
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { buildReport } from '../../core/report/build-report.ts';
import { buildOverview, type DatabaseRecords } from '../../core/report/overview/build-overview.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { decideColour } from '../../core/status/decide-colour.ts';
import { summarizeDrill } from '../../core/status/summary.ts';
import { scheduledSlotId } from '../../core/vault/ids.ts';
import { summarizePoint } from '../../core/vault/summarize-point.ts';
import { assetName, factOf, manifestOf } from '../retention/fake-catalog.ts';

export type PageSize = { databases: number; pointsOfEach: number; drillsOfEach: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHECKS = 6;

/** @param yaml a plan with one database, of which there are as many as are asked for */
export function renderLargePage(yaml: string, { databases, pointsOfEach, drillsOfEach }: PageSize, now: Date): string {
  const plan = parsePlan(yaml, 'the plan');
  const [database] = plan.assets.filter((asset) => asset.kind === 'postgres');
  if (!database) throw new Error('The plan has no database to multiply');
  const assets = Array.from({ length: databases }, (_, index) => ({ ...database, id: assetName(index), needsKeys: [] }));
  const large = { ...plan, assets };
  const records = Object.fromEntries(
    assets.map(({ id }): [string, DatabaseRecords] => {
      const newest = Array.from({ length: pointsOfEach }, (_, index) => {
        const point = scheduledSlotId(new Date(now.getTime() - (index + 2) * HOUR_MS));
        const facts = (['locked', 'drilled', 'replicated'] as const).map((kind) => factOf(plan.system, id, point, kind));
        return { manifest: manifestOf(plan.system, id, point), manifestSha256: '', manifestVersionId: '', facts };
      });
      const listed = newest.map(({ manifest: { point } }) => ({
        point,
        kinds: new Set(['verified', 'locked', 'replicated'] as const),
        isHidden: false,
        isOverwritten: false,
        isSigned: true,
      }));
      const drills = Array.from({ length: drillsOfEach }, (_, index) =>
        drillOf(plan.system, id, new Date(now.getTime() - (index + 1) * DAY_MS)),
      );
      const judged = newest.map(({ manifest, facts }) => summarizePoint(manifest, facts));
      return [id, { catalog: { points: listed, gone: [] }, newest, judged, lost: [], drills, holds: [] }];
    }),
  );
  const of = <T>(pick: (one: DatabaseRecords) => T) => Object.fromEntries(Object.entries(records).map(([id, one]) => [id, pick(one)]));
  const points = of(({ judged }) => judged);
  const status = decideColour(large, { points, drills: of(({ drills }) => drills.map(summarizeDrill)), keys: {} }, now);
  const model = buildReport(
    large,
    status,
    { points, evidences: of(({ drills }) => drills), escrow: {} },
    { generatedAt: now.toISOString(), version: '0', platform: 'nowhere', runs: [], attempts: [], notShown: [] },
  );
  return renderReport(model, buildOverview(large, status, { model, records }, now));
}

function drillOf(system: string, asset: string, at: Date): DrillEvidence {
  const run = `${scheduledSlotId(at)}-abcdef`;
  const [judgedAt, common] = [at.toISOString(), { system, asset, run, point: scheduledSlotId(at), from: 'vault' as const }];
  const check = (name: string) => ({ name, kind: 'sql' as const, outcome: 'passed' as const, expected: '>= 1', measured: '120000' });
  return {
    ...common,
    format: 'holdfast/drill-evidence/v1',
    execution: 'nobody ran it',
    outcome: 'passed',
    reasons: [],
    startedAt: judgedAt,
    judgedAt,
    objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
    measured: { rtoSeconds: 700, rpoSeconds: 60, target: 'ephemeral PostgreSQL 16' },
    result: {
      ...common,
      format: 'holdfast/drill-result/v1',
      startedAt: judgedAt,
      finishedAt: judgedAt,
      consistentAt: judgedAt,
      manifestSha256: 'a'.repeat(64),
      phases: (['retrieve', 'restore', 'checks'] as const).map((name) => ({ name, seconds: 200 })),
      checks: Array.from({ length: CHECKS }, (_, index) => check(`check ${index + 1}`)),
      bytesRestored: 1,
      isolation: 'own-uid',
      serverVersion: '16.4',
      notes: [],
    },
  };
}
