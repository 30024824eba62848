/** The drill machine's input, as a person or Scheduler gave it. */
import { HoldfastError } from '../failure/error.ts';
import { isSlot } from '../vault/ids.ts';
import { findSideProblems, type VaultSide } from '../vault/side.ts';
import { DrillInput, type DrillScenarios } from './contract.ts';
import type { z } from 'zod';

class DrillInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], assets: readonly string[]) {
    super(
      `A drill cannot start from this input: ${problems.join('; ')}`,
      `Possible assets: ${assets.join(', ')}. The smallest input is {"asset":"${assets[0] ?? ''}"}; "point" names one point instead of the newest verified one`,
    );
  }
}

/**
 * @param assets ids of the assets that this machine drills
 * @param drilled the vault that it reads
 * @throws DrillInputRefused naming everything that is wrong
 */
export function readDrillInput(
  input: unknown,
  assets: readonly string[],
  drilled: VaultSide,
  scenarios: DrillScenarios = {},
): z.output<typeof DrillInput> {
  const parsed = DrillInput.safeParse(input);
  if (!parsed.success)
    throw new DrillInputRefused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`),
      assets,
    );
  const { asset, point, from, scenario } = parsed.data;
  const problems = [
    ...(assets.includes(asset) ? [] : [`asset: this machine drills no asset of the name '${asset.slice(0, 40)}'`]),
    ...(point === undefined || isSlot(point) ? [] : [`point: '${point.slice(0, 40)}' is not an id such as 20261121T020000Z`]),
    ...findSideProblems('drills', from, drilled),
    ...(scenario === undefined ? [] : findScenarioProblems(scenario, asset, drilled, scenarios)),
  ];
  if (problems.length > 0) throw new DrillInputRefused(problems, assets);
  return parsed.data;
}

function findScenarioProblems(name: string, asset: string, drilled: VaultSide, scenarios: DrillScenarios): string[] {
  const scenario = scenarios[name];
  if (!scenario)
    return [`scenario: the plan has none of the name '${name.slice(0, 40)}', but ${Object.keys(scenarios).join(', ') || 'none at all'}`];
  return [
    ...(scenario.assets.includes(asset) ? [] : [`scenario: ${name} is about ${scenario.assets.join(', ')}`]),
    ...(scenario.from === drilled ? [] : [`scenario: ${name} restores from the ${scenario.from}, and this machine from the ${drilled}`]),
  ];
}
