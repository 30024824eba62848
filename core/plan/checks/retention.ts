/** Windows that follow one another, each longer than the one before, and nothing that has no effect. */
import { isAtLeast } from '../durations.ts';
import type { Finding } from '../finding.ts';
import type { Retention } from '../schema.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

/** Finest first: each thins out what the one before it kept. */
export const WINDOWS = ['hourly', 'daily', 'monthly', 'yearly'] as const satisfies readonly (keyof Retention)[];

export const checkWindows: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { retention }, path }) => {
    const findings: Finding[] = [];
    let before: { name: string; length: string } = { name: 'hot', length: retention.hot };
    for (const window of WINDOWS) {
      const length = retention[window];
      if (length === undefined) continue;
      const field = [...path, 'retention', window];
      if (!isAtLeast(length, before.length)) {
        const problem = `It ends before \`${before.name}\`, which keeps as many points for ${before.length}`;
        findings.push(finding(plan, 'warning', field, problem, `Keep them for longer than ${before.length}, or leave the field out`));
      } else before = { name: window, length };
    }
    return findings;
  });

export const checkForever: Rule = (plan) =>
  postgresAssets(plan)
    .filter(({ asset: { retention } }) => retention.forever)
    .flatMap(({ asset: { retention }, path }) => {
      const field = [...path, 'retention', 'forever'];
      const without = WINDOWS.filter((window) => retention[window] !== undefined);
      const findings: Finding[] = [];
      if (retention.statedLimit !== undefined) {
        const problem = `No point ever expires, and no copy may live longer than ${retention.statedLimit}`;
        findings.push(finding(plan, 'error', field, problem, 'Remove `forever`, or correct the limit'));
      }
      if (without.length > 0) {
        const problem = `No point ever expires: ${without.join(', ')} have no effect`;
        findings.push(finding(plan, 'warning', field, problem, 'Leave out the one or the other'));
      }
      return findings;
    });
