/** Every declared gap is listed, so that nobody takes silence for protection; a bound and its objective come together. */
import type { DeclaredGap, ProtectionPlan } from '../schema.ts';
import { allAssets, finding, type Path, type Rule } from './rule.ts';

export const checkGaps: Rule = (plan) => [
  ...allAssets(plan).flatMap(({ asset, path }) => asset.gaps.flatMap((gap, i) => ofGap(plan, gap, [...path, 'gaps', i], asset.kind))),
  ...plan.gaps.flatMap((gap, i) => ofGap(plan, gap, ['gaps', i], 'plan')),
];

function ofGap(plan: ProtectionPlan, gap: DeclaredGap, path: Path, owner: 'postgres' | 'key' | 'plan') {
  const bound = gap.bound === undefined ? '' : ` — ${gap.bound} holds meanwhile`;
  const findings = [finding(plan, 'gap', path, `${gap.what}${bound}`, gap.reason, gap.id ?? '(no id)')];
  if ((gap.bound === undefined) !== (gap.objective === undefined)) {
    const problem = 'A bound and the objective that it stands in for come together';
    findings.push(
      finding(plan, 'error', path, problem, gap.bound === undefined ? 'Add `bound`' : 'Add `objective`: rpo, rto or drill', gap.what),
    );
  }
  if (owner === 'key' && gap.objective === 'drill') {
    findings.push(
      finding(
        plan,
        'error',
        [...path, 'objective'],
        'A key asset has no drill of its own',
        'Declare this gap on the database whose drill tries the key',
      ),
    );
  }
  return findings;
}
