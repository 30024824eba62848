/** What of a vault's data no point needs: attempts that never became a point, and uploads that nobody will finish. Pure. */
const MILLISECONDS_PER_DAY = 86_400_000;

/** Bytes are locked for two days from their first second, and no run is as long as that: after three nobody writes to the attempt. */
const QUIET_DAYS = 3;
/** Uploads hold no lock. The bucket's own rule ends them a day later. */
const UNFINISHED_DAYS = 2;

/** A run sweeps what is as old as this at most: it runs daily, and a point that expires takes all attempts at its slot along. */
export const LOOK_BACK_DAYS = 35;
/** Attempts that one run sweeps; the rest is left to the next. */
const MOST_ATTEMPTS = 200;

export type AttemptState = {
  /** `data/…/<point>/<attempt>/` */
  prefix: string;
  /** Of the attempt that the point was committed with. */
  isCommitted: boolean;
  /** When its newest version was written. */
  newestAt: Date;
};

const isOlder = (instant: Date, days: number, now: Date) => instant.getTime() + days * MILLISECONDS_PER_DAY < now.getTime();

export const selectSweptAttempts = <A extends AttemptState>(attempts: readonly A[], now: Date): A[] =>
  attempts.filter(({ isCommitted, newestAt }) => !isCommitted && isOlder(newestAt, QUIET_DAYS, now)).slice(0, MOST_ATTEMPTS);

export const selectSweptUploads = <U extends { startedAt: Date }>(uploads: readonly U[], now: Date): U[] =>
  uploads.filter(({ startedAt }) => isOlder(startedAt, UNFINISHED_DAYS, now));

/** Days, as `YYYY/MM/DD` in UTC, on which slots may have left what is old enough to be swept. Newest first. */
export const daysToSweep = (now: Date): string[] =>
  Array.from({ length: LOOK_BACK_DAYS }, (_, index) =>
    new Date(now.getTime() - (QUIET_DAYS + index) * MILLISECONDS_PER_DAY).toISOString().slice(0, 10).replaceAll('-', '/'),
  );
