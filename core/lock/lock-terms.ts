/** How long what is locked: the plan's terms as functions are given them, and the instants that follow. */
import * as z from 'zod';
import { BadConfiguration } from '../failure/input-errors.ts';

export const LockTerm = z.object({ mode: z.enum(['governance', 'compliance']), lengthDays: z.number().min(1) });
export type LockTerm = z.infer<typeof LockTerm>;

const MILLISECONDS_PER_DAY = 86_400_000;

/** @param locks the variable `LOCKS`: JSON of `{ [asset]: { mode, lengthDays } }` */
export function parseLockTerms(locks: string): Record<string, LockTerm> {
  let value: unknown;
  try {
    value = JSON.parse(locks);
  } catch (cause) {
    throw new BadConfiguration(['LOCKS is not JSON'], { cause });
  }
  const parsed = z.record(z.string(), LockTerm).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(parsed.error.issues.map((issue) => `LOCKS.${issue.path.join('.')}: ${issue.message}`));
}

/** The variables `EVIDENCE_DAYS` and `EVIDENCE_MODE`. */
export function parseEvidenceTerm(days: string, mode: string): LockTerm {
  const parsed = LockTerm.safeParse({ mode, lengthDays: Number(days) });
  if (parsed.success) return parsed.data;
  throw new BadConfiguration([`EVIDENCE_DAYS '${days}' and EVIDENCE_MODE '${mode}' are not a number of days and a lock mode`]);
}

export function lockTermOf(terms: Record<string, LockTerm>, asset: string): LockTerm {
  const term = Object.hasOwn(terms, asset) ? terms[asset] : undefined;
  if (!term) throw new BadConfiguration([`LOCKS says nothing of the asset '${asset}'`]);
  return term;
}

/**
 * Until when a point is locked: `lock.length` of the plan from its commit, up to the next full second. A function of the point
 * alone, so that a second run, a retry and the replica all arrive at the same instant.
 */
export const pointLockEnd = (manifest: { finishedAt: string }, term: LockTerm): Date =>
  new Date(toSeconds(Date.parse(manifest.finishedAt), term, Math.ceil));

/**
 * Evidence belongs to no point: its lock runs from now. Down to the second: the bucket's policy refuses a lock that is longer than
 * the plan's by anything.
 */
export const evidenceLockEnd = (now: Date, term: LockTerm): Date => new Date(toSeconds(now.getTime(), term, Math.floor));

const toSeconds = (from: number, term: LockTerm, round: (seconds: number) => number) =>
  round((from + term.lengthDays * MILLISECONDS_PER_DAY) / 1000) * 1000;
