import { systemColour, type Colour, type Status } from './colour.ts';
import { decideDatabaseColour, type ReviewDue } from './decide-database.ts';
import { assetsThatProve, decideKeyColour } from './decide-key.ts';
import type { KeyWatches } from './decide-used.ts';
import type { JudgedPlan } from './judged.ts';
import type { PointSummary } from '../vault/summarize-point.ts';
import { offlineTerms } from '../restore/key-needs.ts';
import { knownKeys, type DrillSummary, type KeySummary } from './summary.ts';

/** What is known of a system: by asset id. An asset that is not named has nothing. */
export type SystemRecords = {
  points: Readonly<Record<string, readonly PointSummary[]>>;
  drills: Readonly<Record<string, readonly DrillSummary[]>>;
  keys: Readonly<Record<string, KeySummary>>;
  reviewDue?: ReviewDue | undefined;
  /** Of the read-backs, those of one region alone. */
  places?: readonly ('vault' | 'replica')[] | undefined;
  /** What was seen of KMS keys and sources. */
  keyWatches?: KeyWatches | undefined;
};

export type SystemStatus = { colour: Colour; assets: Record<string, Status> };

/** The colour of every asset of a plan, and of the system: the worst of them. The one place that colours are decided. */
export function decideColour(plan: JudgedPlan, records: SystemRecords, now: Date): SystemStatus {
  const { reviewDue, places, keyWatches } = records;
  const assets: Record<string, Status> = {};
  for (const asset of plan.assets) {
    if (asset.kind !== 'key') continue;
    const summary = records.keys[asset.id] ?? { key: asset.id, current: undefined, readBacks: [], proofs: [], versions: [] };
    assets[asset.id] = decideKeyColour({ asset, summary, provenBy: assetsThatProve(plan, asset.id), reviewDue, places, keyWatches }, now);
  }
  const known = knownKeys(records.keys);
  const offline = offlineTerms(plan.assets);
  for (const asset of plan.assets) {
    if (asset.kind !== 'postgres') continue;
    const points = records.points[asset.id] ?? [];
    const drills = records.drills[asset.id] ?? [];
    assets[asset.id] = decideDatabaseColour(
      { asset, points, drills, neededKeys: assets, knownKeys: known, offline, keyWatches, reviewDue },
      now,
    );
  }
  return { colour: systemColour(Object.values(assets), plan.gaps.length), assets };
}
