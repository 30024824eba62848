/** What a plan promises for an asset, and what a declared gap lets stand in for it. Rules and colours use the same words. */
import { durationSeconds } from './durations.ts';
import type { Asset, DeclaredGap, Duration } from './schema.ts';

export type Objective = NonNullable<DeclaredGap['objective']>;

/** The asset's own gap for an objective; a gap of the plan as a whole says nothing about one asset. */
export const gapFor = (asset: Asset, objective: Objective): DeclaredGap | undefined =>
  asset.gaps.find((gap) => gap.objective === objective && gap.bound !== undefined);

export function statedObjective(asset: Asset, objective: Objective): Duration | undefined {
  if (objective === 'drill') return asset.kind === 'postgres' ? asset.drill.period : undefined;
  return asset.objectives[objective];
}

/** Seconds that hold for an asset now: the declared gap's bound where there is one, else the objective itself. */
export function effectiveSeconds(asset: Asset, objective: Objective): number | undefined {
  const duration = gapFor(asset, objective)?.bound ?? statedObjective(asset, objective);
  return duration === undefined ? undefined : durationSeconds(duration, 'most');
}
