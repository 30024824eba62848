/** What an answer over HTTP means for a probe. Its text is looked at and told of to nobody. Pure. */
import type { CheckResult } from '../drill/contract.ts';

/** Why there was no answer, in a word of ours: `timed out`, `the certificate is not valid`. */
export type Asked = { status: number; body: string } | { problem: string };
type Expected = { status: number; contains?: string | undefined };

const describeExpected = ({ status, contains }: Expected) =>
  `status ${status}${contains === undefined ? '' : ` with ${JSON.stringify(contains)}`}`;

export function judgeAnswer(name: string, kind: 'http' | 'login', expected: Expected, asked: Asked): CheckResult {
  const result = { name, kind, expected: describeExpected(expected) };
  if ('problem' in asked) return { ...result, outcome: 'failed', measured: asked.problem };
  if (asked.status !== expected.status) return { ...result, outcome: 'failed', measured: `status ${asked.status}` };
  if (expected.contains !== undefined && !asked.body.includes(expected.contains))
    return { ...result, outcome: 'failed', measured: `status ${asked.status} without the text` };
  return { ...result, outcome: 'passed', measured: `status ${asked.status}` };
}

/** One sentence; empty when all is well. */
export const sayFailed = (results: readonly CheckResult[]): string =>
  results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ name, expected, measured }) => `${name}: ${measured}, not ${expected}`)
    .join('; ');
