/** Scenarios: each can be drilled as it stands, by a name of its own, with a point that there will be. */
import { durationSeconds, describeSeconds } from '../durations.ts';
import type { Finding } from '../finding.ts';
import type { ProtectionPlan } from '../schema.ts';
import { isOneSelect } from '../one-select.ts';
import { finding, postgresAssets, repeated, type Path, type Rule } from './rule.ts';

type Scenario = ProtectionPlan['scenarios'][number];

export const checkScenarios: Rule = (plan) => [
  ...repeated(plan.scenarios.map(({ name }) => name)).map(({ index }) =>
    finding(plan, 'error', ['scenarios', index, 'name'], 'Another scenario has the same name', 'Give each scenario a name of its own'),
  ),
  ...plan.scenarios.flatMap((scenario, i) => ofScenario(plan, scenario, ['scenarios', i])),
];

function ofScenario(plan: ProtectionPlan, scenario: Scenario, path: Path): Finding[] {
  const databases = postgresAssets(plan).map(({ asset }) => asset);
  const asked = databases.filter(({ id }) => scenario.assets.includes(id));
  const known = databases.map(({ id }) => id).join(', ') || 'none: the plan has no database';
  const found: Finding[] = scenario.assets.flatMap((id, i) =>
    databases.some((asset) => asset.id === id)
      ? []
      : [finding(plan, 'error', [...path, 'assets', i], 'This is no database asset of this plan', `Databases are ${known}`)],
  );
  for (const asset of asked) {
    if (scenario.noticedAfter === undefined || durationSeconds(scenario.noticedAfter) < durationSeconds(asset.retention.hot, 'least'))
      continue;
    const problem = `The restore test cannot start: of ${asset.id} every point is kept for ${describeSeconds(durationSeconds(asset.retention.hot, 'least'))} only, and one that is ${scenario.noticedAfter} old is wanted`;
    found.push(
      finding(plan, 'error', [...path, 'noticedAfter'], problem, 'Keep points for longer than damage goes unnoticed, or write less'),
    );
  }
  for (const [i, { name, asset: id, sql }] of scenario.checks.entries()) {
    const at = [...path, 'checks', i];
    if (!isOneSelect(sql))
      found.push(finding(plan, 'error', [...at, 'sql'], 'This is not one SELECT', 'Write one SELECT or WITH statement'));
    if (id === undefined && scenario.assets.length > 1)
      found.push(
        finding(plan, 'error', [...at, 'asset'], 'The scenario has several assets', `Say which is asked: ${scenario.assets.join(', ')}`),
      );
    if (id !== undefined && !scenario.assets.includes(id))
      found.push(
        finding(plan, 'error', [...at, 'asset'], 'The scenario does not restore this asset', `Name one of ${scenario.assets.join(', ')}`),
      );
    const same = scenario.checks.findIndex((other) => other.name === name) < i;
    if (same || asked.some(({ drill }) => drill.checks.some((check) => check.name === name)))
      found.push(
        finding(plan, 'error', [...at, 'name'], 'Another check of this drill has the same name', 'Give each check a name of its own'),
      );
  }
  return found;
}
