/**
 * One thing that is wrong, risky or knowingly missing, as plan and doctor report it: where, what stands there, why it does not do,
 * and what to write instead.
 */
export type Finding = {
  severity: 'error' | 'warning' | 'gap';
  /** `assets[postgres].lock.length`: an asset is named by its id where it has one of its own. */
  path: string;
  /** What stands there, as text; never a secret in full. */
  value: string;
  problem: string;
  fix: string;
};

/** One finding as lines of text; `prefix` opens the first (a file and line, say). */
export function renderFinding(finding: Finding, prefix = ''): string {
  return [`${prefix}${finding.severity}: ${finding.path} = ${finding.value}`, `    ${finding.problem}`, `    → ${finding.fix}`].join('\n');
}
