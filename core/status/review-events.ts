/** What of a system's evidence makes a review of its plan due. */
import type { DrillEvidence } from '../drill/contract.ts';
import type { ReviewEvents } from '../plan/review.ts';
import type { ProtectionPlan } from '../plan/schema.ts';
import { objectiveLimit } from './limits.ts';

/** Passed drills that took longer than the target, or than the gap or the acceptance that stands in for it. */
export const slowDrills = (plan: ProtectionPlan, evidences: Readonly<Record<string, readonly DrillEvidence[]>>): ReviewEvents['drills'] =>
  plan.assets.flatMap((asset) => {
    const targetSeconds = objectiveLimit(asset, 'rto').seconds;
    const acceptedSeconds = asset.objectives.accepted?.rto?.seconds ?? 0;
    return (evidences[asset.id] ?? []).flatMap(({ outcome, judgedAt: at, run, measured: { rtoSeconds } }) =>
      outcome === 'passed' && rtoSeconds !== undefined && rtoSeconds > Math.max(targetSeconds, acceptedSeconds)
        ? [{ at, asset: asset.id, run, seconds: rtoSeconds, targetSeconds }]
        : [],
    );
  });
