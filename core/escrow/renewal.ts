/** Which locks of an escrow bucket are made longer, and until when: keys are kept for ever, and S3 knows no lock for ever. Pure. */

import type { FailureName } from '../failure/classes.ts';
import { HoldfastError } from '../failure/error.ts';
import { plural } from '../quantities.ts';

/** The bucket's own lock of whatever is put into it. */
export const ESCROW_LOCK_DAYS = 731;
/** A year, and a month in which a run that fails is noticed. */
const LEAST_LEFT_DAYS = 400;
const DAY_MILLISECONDS = 86_400_000;

/** What runs write anew every day needs no longer lock than its first. */
const KEPT = /\/(envelope|(?:envelope|offline|version|unguarded)-[^/]+)$/;

export const isKeptForEver = (key: string): boolean => KEPT.test(key);

/** Undefined when the lock is long enough. */
export function renewedLock(lockedUntil: Date | undefined, now: Date): Date | undefined {
  const leftMilliseconds = (lockedUntil?.getTime() ?? 0) - now.getTime();
  return leftMilliseconds >= LEAST_LEFT_DAYS * DAY_MILLISECONDS ? undefined : new Date(now.getTime() + ESCROW_LOCK_DAYS * DAY_MILLISECONDS);
}

/** Of one bucket. `objects`: whose locks were looked at or to be; `untried`: how many of them nobody came to; `why`: the first error. */
export type RenewalFailure = { bucket: string; objects: number; failed: readonly string[]; untried: number; why: unknown };

/** What could be made longer was: this says how much was not, and where. */
export class LocksNotRenewed extends HoldfastError {
  readonly failure: FailureName;
  /** @param failures at least one */
  constructor(failures: readonly RenewalFailure[]) {
    const cause = failures[0]?.why;
    const known = cause instanceof HoldfastError ? cause : undefined;
    super(failures.map(describe).join('; '), known?.advice ?? 'The next run tries again: locks are made longer a year before they end', {
      cause,
    });
    this.failure = known?.failure ?? 'Unexpected';
  }
}

const NAMED = 3;

function describe({ bucket, objects, failed, untried, why }: RenewalFailure): string {
  const reason = why instanceof HoldfastError ? why.message : 'an unknown error';
  if (failed.length === 0) return `No lock was made longer in ${bucket}: ${reason}`;
  const others = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : '';
  const after = untried > 0 ? `, ${untried} were not tried any more` : '';
  const names = failed.slice(0, NAMED).join(', ');
  return `${failed.length} of ${plural(objects, 'lock')} could not be made longer in ${bucket} (${names}${others})${after}: ${reason}`;
}
