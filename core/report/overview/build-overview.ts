import type { DrillEvidence } from '../../drill/contract.ts';
import { durationSeconds } from '../../plan/durations.ts';
import type { PostgresAsset, ProtectionPlan } from '../../plan/schema.ts';
import { priceSystem } from '../../prices/estimate-system.ts';
import type { SystemStatus } from '../../status/decide-colour.ts';
import { limitOfPoints } from '../../status/decide-database.ts';
import { limitOf } from '../../status/limits.ts';
import { ageSeconds, isAhead, newestOf } from '../../status/time.ts';
import type { Catalog, PointRecords } from '../../vault/read-point.ts';
import { summarizePoint, type PointSummary } from '../../vault/summarize-point.ts';
import type { RestoreFailure } from '../../restore/result.ts';
import { compareObjectives } from '../compare-objectives.ts';
import type { MeasuredRestore } from '../measured-restores.ts';
import type { ReportModel } from '../model.ts';
import { answerControls } from './controls.ts';
import type { Freshness, HoldReport, LockState, Overview, Trend } from './model.ts';
import { buildRunCalendar } from './run-calendar.ts';

/** Of one database: what is listed of all its points, and the records of the newest. `judged`: what its colour is decided from. */
export type DatabaseRecords = {
  catalog: Catalog;
  newest: readonly PointRecords[];
  judged: readonly PointSummary[];
  lost: readonly string[];
  drills: readonly DrillEvidence[];
  /** That stand. */
  holds: readonly HoldReport[];
};
const NOTHING: DatabaseRecords = { catalog: { points: [], gone: [] }, newest: [], judged: [], lost: [], drills: [], holds: [] };

/** @param records by asset id; an asset that is not named has none */
export function buildOverview(
  plan: ProtectionPlan,
  status: SystemStatus,
  {
    model,
    records,
    restores = [],
    failedRestores = [],
  }: {
    model: ReportModel;
    records: Readonly<Record<string, DatabaseRecords>>;
    restores?: readonly MeasuredRestore[];
    failedRestores?: readonly RestoreFailure[];
  },
  now: Date,
): Overview {
  const databases = plan.assets
    .filter((asset) => asset.kind === 'postgres')
    .map((asset) => {
      const found = records[asset.id] ?? NOTHING;
      return { asset, ...found, summaries: found.newest.map((point) => summarizePoint(point.manifest, point.facts)) };
    });
  const parts = {
    freshness: databases.map(({ asset, judged }) => freshnessOf(asset, judged, status, now)),
    trends: databases.map(({ asset, drills }) => trendOf(asset, drills)),
    calendar: buildRunCalendar(
      databases.map(({ asset, catalog, lost, drills }) => ({
        asset,
        catalog,
        lost,
        drills: drills.map(({ judgedAt: at, outcome, scenario }) => ({ at, outcome, scenario })),
      })),
      now,
    ),
    locks: databases.map(({ asset, catalog, summaries, holds }) =>
      lockStateOf({ asset: asset.id, catalog, points: summaries }, new Set(holds.map(({ point }) => point)).size, now),
    ),
    holds: databases.flatMap(({ holds }) => holds),
    restores: restores.map((restore) => {
      const asset = databases.find(({ asset: { id } }) => id === restore.asset)?.asset;
      return { ...restore, statedSeconds: asset && durationSeconds(asset.objectives.rto) };
    }),
    failedRestores,
    price: priceSystem(
      plan,
      databases.map(({ asset, catalog, summaries, newest }) => {
        const average = summaries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / Math.max(1, summaries.length);
        return { asset, databaseBytes: newest[0]?.manifest.source.sizeBytes, storedBytes: average * catalog.points.length };
      }),
      now,
    ),
  };
  return { ...parts, controls: answerControls(model, parts, plan.agreement?.review?.last?.at) };
}

function freshnessOf(asset: PostgresAsset, points: readonly PointSummary[], status: SystemStatus, now: Date): Freshness {
  const verified = points.filter(({ verifiedAt, consistentAt }) => verifiedAt !== undefined && !isAhead(consistentAt, now));
  const newest = newestOf(verified, ({ consistentAt }) => consistentAt);
  return {
    asset: asset.id,
    colour: status.assets[asset.id]?.colour ?? 'no data',
    ageSeconds: newest && ageSeconds(newest.consistentAt, now),
    statedSeconds: durationSeconds(asset.objectives.rpo),
    allowedSeconds: limitOfPoints(asset).seconds,
  };
}

/** What it was measured on, and what sets it apart from the drills that the plan holds by its schedule. */
const targetOf = (target: string, from: DrillEvidence['from'], scenario: string | undefined) =>
  [target, ...(from === 'replica' ? ['from the replica vault'] : []), ...(scenario === undefined ? [] : [`scenario ${scenario}`])].join(
    ', ',
  );

function trendOf(asset: PostgresAsset, drills: readonly DrillEvidence[]): Trend {
  const inOrder = drills.toSorted((a, b) => Date.parse(a.judgedAt) - Date.parse(b.judgedAt));
  const rto = compareObjectives(asset, inOrder).find(({ objective }) => objective === 'rto');
  const [taken] = rto?.measured ?? [];
  return {
    asset: asset.id,
    verdict: rto?.verdict ?? 'unknown',
    taken: taken && { seconds: taken.seconds, people: taken.people },
    isLastFailed: inOrder.findLast(({ outcome }) => outcome !== 'could-not-run')?.outcome === 'failed',
    statedSeconds: durationSeconds(asset.objectives.rto),
    allowedSeconds: limitOf(asset, 'rto', asset.objectives.rto).seconds,
    drills: inOrder.flatMap(({ judgedAt: at, outcome, from, scenario, measured: { rtoSeconds: seconds, target } }) =>
      seconds === undefined || outcome === 'could-not-run' ? [] : [{ at, seconds, outcome, target: targetOf(target, from, scenario) }],
    ),
  };
}

function lockStateOf(
  { asset, catalog, points }: { asset: string; catalog: Catalog; points: readonly PointSummary[] },
  held: number,
  now: Date,
): LockState {
  const listed = catalog.points.filter(({ kinds }) => !kinds.has('tombstone'));
  const holding = points.flatMap(({ lockedUntil: until, lockMode: mode }) =>
    until !== undefined && Date.parse(until) > now.getTime() ? [{ until, mode }] : [],
  );
  const inOrder = holding.map(({ until }) => until).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const copied = newestOf(
    points.filter(({ replicatedAt }) => replicatedAt !== undefined),
    ({ committedAt }) => committedAt,
  );
  const inMode = (mode: PointSummary['lockMode']) => holding.filter((one) => one.mode === mode).length;
  return {
    asset,
    points: listed.length,
    verified: listed.filter(({ kinds }) => kinds.has('verified')).length,
    signed: listed.filter(({ isSigned }) => isSigned).length,
    replicated: listed.filter(({ kinds }) => kinds.has('replicated')).length,
    read: points.length,
    locked: inOrder.length,
    firstEnd: inOrder[0],
    lastEnd: inOrder.at(-1),
    modes: { governance: inMode('governance'), compliance: inMode('compliance') },
    lagSeconds: copied?.replicatedAt === undefined ? undefined : (Date.parse(copied.replicatedAt) - Date.parse(copied.committedAt)) / 1000,
    held,
  };
}
