/** How long what is locked: the plan's terms as functions are given them, and the instants that follow. */
import * as z from 'zod';
import { BadConfiguration } from '../failure/input-errors.ts';
import { durationDays } from '../plan/durations.ts';
import type { PostgresAsset } from '../plan/schema-assets.ts';

export const LockTerm = z.object({ mode: z.enum(['governance', 'compliance']), lengthDays: z.number().min(1) });
export type LockTerm = z.infer<typeof LockTerm>;

const MILLISECONDS_PER_DAY = 86_400_000;

/** The term of an asset's new points. The machine's definition carries it to the function: a function's environment has 4 KB. */
export const lockTermOf = ({ lock }: Pick<PostgresAsset, 'lock'>): LockTerm => ({ mode: lock.mode, lengthDays: durationDays(lock.length) });

/** The variables `EVIDENCE_DAYS` and `EVIDENCE_MODE`. */
export function parseEvidenceTerm(days: string, mode: string): LockTerm {
  const parsed = LockTerm.safeParse({ mode, lengthDays: Number(days) });
  if (parsed.success) return parsed.data;
  throw new BadConfiguration([`EVIDENCE_DAYS '${days}' and EVIDENCE_MODE '${mode}' are not a number of days and a lock mode`]);
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
