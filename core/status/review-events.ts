/** What of a system's evidence makes a review of its plan due. */
import type { DrillEvidence } from '../drill/contract.ts';
import { checkedSeconds } from '../drill/recovery-times.ts';
import { peopleSeconds } from '../plan/feasibility.ts';
import type { ReviewEvents } from '../plan/review.ts';
import type { ProtectionPlan } from '../plan/schema.ts';
import { objectiveLimit } from './limits.ts';

/** Passed drills that, with what the plan states of people, took longer than the target, or than the gap that stands in for it. */
export const slowDrills = (plan: ProtectionPlan, evidences: Readonly<Record<string, readonly DrillEvidence[]>>): ReviewEvents['drills'] =>
  plan.assets.flatMap((asset) => {
    const targetSeconds = objectiveLimit(asset, 'rto').seconds;
    return (evidences[asset.id] ?? []).flatMap((drill) => {
      const { outcome, judgedAt: at, run, measured } = drill;
      if (outcome !== 'passed' || measured.rtoSeconds === undefined) return [];
      const seconds = measured.rtoSeconds + (asset.kind === 'postgres' ? peopleSeconds(asset, checkedSeconds(drill)) : 0);
      return seconds > targetSeconds ? [{ at, asset: asset.id, run, seconds, targetSeconds }] : [];
    });
  });
