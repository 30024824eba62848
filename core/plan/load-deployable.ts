import { checkPlan } from './check.ts';
import type { Finding } from './finding.ts';
import { parsePlan, PlanInvalid, type PlanProblem } from './load.ts';
import type { ProtectionPlan } from './schema.ts';

/**
 * A plan that may be deployed: its shape is right and none of its fields contradicts another. Warnings and declared gaps pass.
 * @throws PlanInvalid with all problems of either kind
 */
export function parseDeployablePlan(text: string, fileName: string, now: Date): ProtectionPlan {
  const plan = parsePlan(text, fileName);
  const problems = checkPlan(plan, now).filter((finding): finding is Finding & PlanProblem => finding.severity === 'error');
  if (problems.length > 0) throw new PlanInvalid(fileName, problems);
  return plan;
}
