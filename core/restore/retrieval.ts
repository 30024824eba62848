/** What stands between a point in cold storage and whoever reads it. Pure. */
import { HoldfastError } from '../failure/error.ts';
import type { Retrieval } from '../ports/object-store.ts';
import { plural } from '../quantities.ts';

/** Classes that S3 gives no byte of until the object was retrieved. */
const ARCHIVES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);
export const isArchived = (storageClass: string | undefined): boolean => storageClass !== undefined && ARCHIVES.has(storageClass);

/** How long what was retrieved can be read: a restore that fails is done again in these days, without a second retrieval. */
export const READABLE_DAYS = 7;
/** What ends sooner is asked for again, so that it does not go away under a long restore. */
const SHORTEST_READABLE_HOURS = 36;
/** S3 takes 12 hours at most for the slowest class, by its standard retrieval. After this somebody has to look. */
const LONGEST_HOURS = 24;
export const LONGEST_RETRIEVAL_SECONDS = LONGEST_HOURS * 3600;
/** Between two looks: small against the hours that it takes, and few events in the history of a run. */
const LOOK_EVERY_SECONDS = 600;

const HOUR_MILLISECONDS = 3_600_000;

export const isToRequest = (retrieval: Retrieval, now: Date): boolean =>
  retrieval.state === 'archived' ||
  (retrieval.state === 'readable' && retrieval.until.getTime() - now.getTime() < SHORTEST_READABLE_HOURS * HOUR_MILLISECONDS);

export type RetrievalProgress = { ready: boolean; since: string; seconds: number; waitSeconds: number };

/**
 * @param parts.since when it was first asked for, as this function answered before; empty at first
 * @param parts.retrievals of every object that is in an archive, as found before anything was requested. Throws RetrievalOverdue.
 */
export function decideRetrieval(parts: { point: string; since: string; retrievals: readonly Retrieval[]; now: Date }): RetrievalProgress {
  const { point, retrievals, now } = parts;
  const isReady = retrievals.every(({ state }) => state === 'readable');
  // What is there at the first look was not waited for.
  const since = parts.since === '' ? now.toISOString() : parts.since;
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  if (!isReady && seconds > LONGEST_RETRIEVAL_SECONDS)
    throw new RetrievalOverdue(point, retrievals.filter(({ state }) => state !== 'readable').length);
  return { ready: isReady, since, seconds, waitSeconds: isReady ? 0 : LOOK_EVERY_SECONDS };
}

export class RetrievalOverdue extends HoldfastError {
  readonly failure = 'PointArchived';
  constructor(point: string, objects: number) {
    super(
      `${plural(objects, 'object')} of the point ${point} ${objects === 1 ? 'was' : 'were'} asked for ${LONGEST_HOURS} hours ago and ${objects === 1 ? 'is' : 'are'} still in cold storage`,
      'Look at the health of S3 in this region; starting again goes on waiting for the same retrieval',
    );
  }
}
