/** What all findings of a look come to. Pure. */
import type { Finding } from '../plan/finding.ts';
import { plural } from '../quantities.ts';

export type Verdict = { isReady: boolean; errors: number; warnings: number; sentence: string };

export function decideVerdict(findings: readonly Pick<Finding, 'severity'>[]): Verdict {
  const count = (wanted: Finding['severity']) => findings.filter(({ severity }) => severity === wanted).length;
  const [errors, warnings] = [count('error'), count('warning')];
  return { isReady: errors === 0, errors, warnings, sentence: say(errors, warnings) };
}

function say(errors: number, warnings: number): string {
  if (errors > 0) return 'A backup or a restore would fail: see the errors above';
  // A drill that could not run is among them, or an RTO that does not fit: nothing fails, and nobody should rely on it yet.
  if (warnings > 0)
    return `No error, and ${plural(warnings, 'warning')}: look at ${warnings === 1 ? 'it' : 'them'} before you rely on this`;
  return 'Nothing here keeps a backup from being made and restored';
}
