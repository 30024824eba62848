/** What a plan promises for an asset, and what a declared gap lets stand in for it. Rules and colours use the same words. */
import { durationSeconds } from './durations.ts';
import type { Asset, DeclaredGap } from './schema.ts';

export type Objective = NonNullable<DeclaredGap['objective']>;

/** The asset's own gap for an objective, the widest of several; a gap of the plan as a whole says nothing about one asset. */
export const gapFor = (asset: Asset, objective: Objective): DeclaredGap | undefined =>
  asset.gaps
    .filter((gap) => gap.objective === objective && gap.bound !== undefined)
    .toSorted((a, b) => boundSeconds(b) - boundSeconds(a))[0];

const boundSeconds = ({ bound }: DeclaredGap) => (bound === undefined ? 0 : durationSeconds(bound));

/**
 * What somebody accepted for a target that is shorter than that: the target was changed since, and holds. What is accepted becomes the
 * target with it, and is never over it by itself.
 */
export const staleAcceptances = (objectives: Asset['objectives']) =>
  (['rpo', 'rto'] as const).flatMap((objective) => {
    const seconds = objectives.accepted?.[objective]?.seconds;
    return seconds === undefined || seconds <= durationSeconds(objectives[objective], 'least') ? [] : [{ objective, seconds }];
  });

/** Targets that a drill changed, and that nobody accepted with what was measured. */
export const unacceptedObjectives = ({ measured, accepted }: Asset['objectives']) =>
  (['rpo', 'rto'] as const).flatMap((objective) => {
    const changed = measured?.[objective];
    if (changed === undefined || (accepted?.[objective]?.seconds ?? 0) >= changed.seconds) return [];
    return [{ objective, seconds: changed.seconds, was: changed.was }];
  });
