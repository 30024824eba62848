/** Which locks of an escrow bucket are made longer, and until when: keys are kept for ever, and S3 knows no lock for ever. Pure. */

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
