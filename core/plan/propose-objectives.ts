/** The plan's text with what drills measured as its targets, and with who accepted that. Pure. */
import { setField } from './edit-text.ts';
import { readPlanData } from './load.ts';
import { unacceptedObjectives } from './objectives.ts';
import { planFingerprint } from './review.ts';
import type { ProtectionPlan } from './schema.ts';

/** A target that a drill missed. */
export type MissedObjective = { asset: string; objective: 'rpo' | 'rto'; proposed: string; seconds: number; drill: string };
export type Acceptance = { by: string; at: string };

/**
 * The published target changes at once, with the drill that changed it; it stays amber until somebody has accepted it.
 * @param shown ids of the assets that whoever accepts was shown: nothing of another one is touched
 * @param acceptance who accepts all that was measured of them; absent while nobody has
 * @throws PlanNotEditable
 */
export function proposeObjectives(
  text: string,
  plan: ProtectionPlan,
  shown: readonly string[],
  missed: readonly MissedObjective[],
  acceptance: Acceptance | undefined,
): string {
  let changed = text;
  for (const [index, asset] of plan.assets.entries()) {
    if (!shown.includes(asset.id)) continue;
    const at = ['assets', index, 'objectives'];
    const own = missed.filter((one) => one.asset === asset.id);
    for (const { objective, proposed, seconds, drill } of own) {
      changed = setField(changed, [...at, objective], proposed);
      changed = setField(changed, [...at, 'measured', objective], { seconds: Math.ceil(seconds), drill, was: asset.objectives[objective] });
    }
    if (acceptance === undefined) continue;
    const open = unacceptedObjectives(asset.objectives).filter(({ objective }) => !own.some((one) => one.objective === objective));
    for (const { objective, seconds } of [...own, ...open])
      changed = setField(changed, [...at, 'accepted', objective], { seconds: Math.ceil(seconds), ...acceptance });
  }
  return keepReviewed(text, changed, plan);
}

/**
 * What drills made of the targets is in the plan with who accepted it: a plan that was reviewed as it stood before is not due for its
 * review because of that. One that says something else besides stays due.
 */
function keepReviewed(before: string, after: string, { agreement }: ProtectionPlan): string {
  const reviewed = agreement?.review?.last?.plan;
  const fingerprint = (text: string) => planFingerprint(readPlanData(text, 'the plan'));
  if (reviewed === undefined || after === before || fingerprint(before) !== reviewed) return after;
  return setField(after, ['agreement', 'review', 'last', 'plan'], fingerprint(after));
}
