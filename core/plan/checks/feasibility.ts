/** Objective unrealistic: what the plan itself states of size, path, people and secrets does not fit into the RTO. */
import { findInfeasible, recoveryParts, followUpParts } from '../feasibility.ts';
import { allAssets, finding, type Rule } from './rule.ts';

export const checkFeasibility: Rule = (plan) =>
  allAssets(plan).flatMap(({ asset, path }) => {
    const known = asset.kind === 'postgres' ? recoveryParts(asset) : [];
    const infeasible = findInfeasible(asset, known.length > 0 ? known : followUpParts(asset));
    return infeasible === undefined ? [] : [finding(plan, 'warning', [...path, 'objectives', 'rto'], infeasible.problem, infeasible.fix)];
  });
