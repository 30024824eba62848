import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parsePlan } from '../core/plan/load.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { PlanNotFound } from './errors.ts';

const PLANS = 'plans';
const isPlan = (name: string) => /\.(ya?ml|json)$/.test(name);

/**
 * The file of the plan: the one asked for, else that of HOLDFAST_PLAN, else that of the system that was asked for, else the only one
 * in `plans/`, else that of the system that runs here.
 * @param systems.planOfSystem given when a certain running system is asked for
 * @param systems.passedOver why the one that runs here is not meant, and how it would be
 * Throws PlanNotFound, naming what there is.
 */
export function findPlanFile(
  asked: string | undefined,
  environment: Record<string, string | undefined>,
  directory: string,
  {
    planOfSystem,
    orElse,
    passedOver = () => undefined,
  }: { planOfSystem?: (() => string) | undefined; orElse: () => string | undefined; passedOver?: () => string | undefined },
): string {
  if (asked !== undefined) return asked;
  const named = environment['HOLDFAST_PLAN'];
  if (named !== undefined && named !== '') return named;
  if (planOfSystem) return planOfSystem();
  const found = plansIn(join(directory, PLANS));
  const [only] = found;
  if (only !== undefined && found.length === 1) return join(PLANS, only);
  const running = orElse();
  if (running !== undefined) return running;
  const why = passedOver();
  throw new PlanNotFound(
    found.length === 0
      ? 'No plan was named, and there is none in plans/'
      : `No plan was named, and plans/ holds ${found.length}: ${found.join(', ')}`,
    `Name one with --plan <file>, or once for all in HOLDFAST_PLAN${why === undefined ? '' : `. ${why}`}`,
  );
}

/** Every plan in `plans/`, by its path. */
export const planFiles = (directory: string): string[] => plansIn(join(directory, PLANS)).map((name) => join(PLANS, name));

export function loadPlanFile(file: string, directory: string): ProtectionPlan {
  return parsePlan(readPlanText(file, directory), file);
}

/** Throws PlanNotFound. */
export function readPlanText(file: string, directory: string): string {
  try {
    return readFileSync(resolve(directory, file), 'utf8');
  } catch (cause) {
    const found = plansIn(join(directory, PLANS)).map((name) => join(PLANS, name));
    throw new PlanNotFound(
      `The plan ${file} cannot be read (${codeOf(cause)})`,
      found.length === 0
        ? 'Name an existing file with --plan <file>'
        : `Name an existing file with --plan <file>, such as ${found.join(', ')}`,
      { cause },
    );
  }
}

const plansIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory).filter(isPlan).sort() : []);

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error));
