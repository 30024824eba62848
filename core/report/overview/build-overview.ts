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
import type { MeasuredRestore } from '../measured-restores.ts';
import type { ReportModel } from '../model.ts';
import { answerControls } from './controls.ts';
import type { Freshness, HoldReport, LockState, Overview, Trend } from './model.ts';
import { buildRunCalendar } from './run-calendar.ts';

/** Of one database: what is listed of all its points, and the records of the newest. */
export type DatabaseRecords = {
  catalog: Catalog;
  newest: readonly PointRecords[];
  drills: readonly DrillEvidence[];
  /** That stand. */
  holds: readonly HoldReport[];
};
const NOTHING: DatabaseRecords = { catalog: { points: [], gone: [] }, newest: [], drills: [], holds: [] };

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
    freshness: databases.map(({ asset, summaries }) => freshnessOf(asset, summaries, status, now)),
    trends: databases.map(({ asset, drills }) => trendOf(asset, drills)),
    calendar: buildRunCalendar(
      databases.map(({ asset, catalog, drills }) => ({
        asset,
        catalog,
        drills: drills.map(({ judgedAt: at, outcome, scenario }) => ({ at, outcome, scenario })),
      })),
      now,
    ),
    locks: databases.map(({ asset, summaries, holds }) =>
      lockStateOf(asset.id, summaries, new Set(holds.map(({ point }) => point)).size, now),
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
  return { ...parts, controls: answerControls(model, parts) };
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

const trendOf = (asset: PostgresAsset, drills: readonly DrillEvidence[]): Trend => ({
  asset: asset.id,
  statedSeconds: durationSeconds(asset.objectives.rto),
  allowedSeconds: limitOf(asset, 'rto', asset.objectives.rto).seconds,
  drills: drills
    .flatMap(({ judgedAt: at, outcome, from, scenario, measured: { rtoSeconds: seconds, target } }) =>
      seconds === undefined || outcome === 'could-not-run' ? [] : [{ at, seconds, outcome, target: targetOf(target, from, scenario) }],
    )
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
});

function lockStateOf(asset: string, points: readonly PointSummary[], held: number, now: Date): LockState {
  const ends = points.flatMap(({ lockedUntil }) =>
    lockedUntil !== undefined && Date.parse(lockedUntil) > now.getTime() ? [lockedUntil] : [],
  );
  const inOrder = ends.toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const copied = newestOf(
    points.filter(({ replicatedAt }) => replicatedAt !== undefined),
    ({ committedAt }) => committedAt,
  );
  return {
    asset,
    points: points.length,
    verified: points.filter(({ verifiedAt }) => verifiedAt !== undefined).length,
    locked: inOrder.length,
    firstEnd: inOrder[0],
    lastEnd: inOrder.at(-1),
    mode: points.find(({ lockMode }) => lockMode !== undefined)?.lockMode,
    replicated: points.filter(({ replicatedAt }) => replicatedAt !== undefined).length,
    lagSeconds: copied?.replicatedAt === undefined ? undefined : (Date.parse(copied.replicatedAt) - Date.parse(copied.committedAt)) / 1000,
    held,
  };
}
