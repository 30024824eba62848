/** Objective unrealistic: what the plan itself states of size, path, people and secrets does not fit into the RTO; or nothing says. */
import { describeSeconds } from '../durations.ts';
import { allowedRto, ASSUMED_MIB_PER_SECOND, findInfeasible, followUpParts, mostGiB, recoveryParts } from '../feasibility.ts';
import type { Finding } from '../finding.ts';
import type { PostgresAsset, ProtectionPlan } from '../schema.ts';
import { allAssets, finding, type Path, type Rule } from './rule.ts';

export const checkFeasibility: Rule = (plan) =>
  allAssets(plan).flatMap(({ asset, path }) => {
    const known = asset.kind === 'postgres' ? recoveryParts(asset) : [];
    const infeasible = findInfeasible(asset, known.length > 0 ? known : followUpParts(asset));
    if (infeasible !== undefined) return [finding(plan, 'warning', [...path, 'objectives', 'rto'], infeasible.problem, infeasible.fix)];
    return asset.kind === 'postgres' && known.length === 0 ? [notKnown(plan, asset, path)] : [];
  });

/** Nothing was said and nothing is measured here: how much the RTO is enough for, so that whoever knows the size sees it. */
function notKnown(plan: ProtectionPlan, asset: PostgresAsset, path: Path): Finding {
  const { allowedSeconds, gap } = allowedRto(asset);
  const most = mostGiB(allowedSeconds, followUpParts(asset));
  return finding(
    plan,
    'warning',
    [...path, 'expected'],
    `Nothing says whether the RTO${gap === undefined ? '' : ' that a gap allows'} can be kept: ${describeSeconds(allowedSeconds)} are enough for ${most} GiB of database at ${ASSUMED_MIB_PER_SECOND} MiB a second, the rate that is assumed where none is stated, and what people take comes on top`,
    'State `expected`: `sizeGiB`, the rates where they are known, and how long detection, approval, manual work and validation take; once a drill has passed, `doctor` judges by what it measured',
  );
}
