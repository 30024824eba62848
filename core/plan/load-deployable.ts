import { checkPlan } from './check.ts';
import type { Finding } from './finding.ts';
import { parsePlan, PlanInvalid, readPlanData, type PlanProblem } from './load.ts';
import type { ProtectionPlan } from './schema.ts';
import { repairPlan } from './stand-ins.ts';

/**
 * A plan that may be deployed: its shape is right and none of its fields contradicts another. Warnings and declared gaps pass.
 * @throws PlanInvalid with all problems of either kind
 */
export function parseDeployablePlan(text: string, fileName: string, now: Date): ProtectionPlan {
  const plan = parseWholePlan(text, fileName, now);
  const problems = errorsOf(checkPlan(plan, now));
  if (problems.length > 0) throw new PlanInvalid(fileName, problems);
  return plan;
}

/**
 * As `parsePlan`; where the shape of some fields is wrong, what the others say is judged all the same.
 * @throws PlanInvalid with everything that is wrong
 */
export function parseWholePlan(text: string, fileName: string, now: Date): ProtectionPlan {
  try {
    return parsePlan(text, fileName);
  } catch (error) {
    if (!(error instanceof PlanInvalid)) throw error;
    throw new PlanInvalid(fileName, [...error.problems, ...findBeside(text, fileName, now)], AGAIN);
  }
}

const AGAIN =
  'Correct each field as its arrow says, then check again, since what depends on them shows only then; docs/plan-reference.md describes every field';

function findBeside(text: string, fileName: string, now: Date): PlanProblem[] {
  const data = readOrNothing(text, fileName);
  const [first, second] = ([1, 2] as const).map((variant) => repairPlan(data, variant));
  if (!first || !second) return [];
  const seen = new Set(errorsOf(checkPlan(second.plan, now)).map((found) => JSON.stringify(found)));
  return errorsOf(checkPlan(first.plan, now)).filter((found) => !first.isStoodIn(found.path) && seen.has(JSON.stringify(found)));
}

function readOrNothing(text: string, fileName: string): unknown {
  try {
    return readPlanData(text, fileName);
  } catch (error) {
    if (!(error instanceof PlanInvalid)) throw error;
    return undefined;
  }
}

const errorsOf = (findings: readonly Finding[]) =>
  findings.filter((finding): finding is Finding & PlanProblem => finding.severity === 'error');
