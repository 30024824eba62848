import { HoldfastError } from '../../core/failure/error.ts';
import type { Finding } from '../../core/plan/finding.ts';

export type Part = { what: string; seen: string; findings: Finding[] };

/** What cannot be looked at is a finding: the rest is looked at all the same. */
export async function look(what: string, seen: string, judge: () => Promise<Finding[]>): Promise<Part> {
  try {
    return { what, seen, findings: await judge() };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { what, seen, findings: [{ severity: 'error', path: what, value: error.failure, problem: error.message, fix: error.advice }] };
  }
}
