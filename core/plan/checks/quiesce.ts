/** What steps of a quiesce mean to each other, and to the places where they act. */
import { describeSeconds, durationSeconds } from '../durations.ts';
import type { QuiesceStep } from '../schema-quiesce.ts';
import type { Finding } from '../finding.ts';
import type { ProtectionPlan } from '../schema.ts';
import { finding, postgresAssets, repeated, type Path, type Rule } from './rule.ts';

export const checkQuiesce: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const quiesce = asset.restore?.quiesce;
    if (quiesce === undefined) return [];
    const at = [...path, 'restore', 'quiesce'];
    const names = quiesce.steps.map((step) => step.name);
    const findings = repeated(names).map(({ index }) =>
      finding(plan, 'error', [...at, 'steps', index, 'name'], 'Another step has the same name', 'Give each step a name of its own'),
    );
    findings.push(...quiesce.steps.flatMap((step, i) => checkPlace(plan, step, [...at, 'steps', i])));
    findings.push(...checkSame(plan, quiesce.steps, at));
    const order = quiesce.resumeOrder;
    if (order !== undefined && (order.length !== names.length || [...order].sort().join() !== [...names].sort().join())) {
      const problem = 'The order of putting back does not name every step once';
      findings.push(finding(plan, 'error', [...at, 'resumeOrder'], problem, `Name each once: ${names.join(', ')}`, order.join(', ')));
    }
    const longest = quiesce.steps.reduce((sum, step) => sum + durationSeconds(step.timeout), 0);
    const rto = durationSeconds(asset.objectives.rto);
    if (longest > rto) {
      const problem = `Stopping may take ${describeSeconds(longest)} by the steps’ time-outs, the RTO is ${describeSeconds(rto)}`;
      findings.push(finding(plan, 'warning', [...at, 'steps'], problem, 'Shorten the time-outs to what stopping takes'));
    }
    return findings;
  });

/** What is replaced is at home: there its applications are stopped. */
function checkPlace(plan: ProtectionPlan, step: QuiesceStep, path: Path): Finding[] {
  if (step.kind !== 'lambda') return [];
  const region = step.function.split(':')[3] ?? '';
  if (region === plan.home.region) return [];
  const problem = `The function is in ${region}, and restores that replace a database run in ${plan.home.region}`;
  return [finding(plan, 'error', [...path, 'function'], problem, 'Name a function of the home region')];
}

/** A service that two steps stop would be remembered as stopped by the second. */
function checkSame(plan: ProtectionPlan, steps: readonly QuiesceStep[], at: Path): Finding[] {
  const services = steps.flatMap((step, i) =>
    step.kind === 'ecs-services' ? step.services.map((service, j) => ({ name: `${step.cluster}/${service}`, i, j })) : [],
  );
  return repeated(services.map(({ name }) => name)).map(({ index, value }) => {
    const { i, j } = services[index] ?? { i: 0, j: 0 };
    return finding(plan, 'error', [...at, 'steps', i, 'services', j], `The service ${value} is stopped twice`, 'Name it in one step');
  });
}
