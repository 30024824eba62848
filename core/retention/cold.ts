/**
 * What of an asset moves to cold storage. Holdfast only says so, by a tag on the objects; S3 moves what has the tag, by a rule of the
 * bucket. Records never get one. Pure.
 */
import type { ListedVersion } from '../ports/object-store.ts';
import type { ColdClass } from '../plan/schema-parts.ts';
import { STORAGE_CLASSES } from '../prices/storage-classes.ts';
import type { Decision, Reason } from './decide.ts';
import { isGood, type PointState } from './point-state.ts';

/** The tag that the bucket's rules look for. Its value is the class as the plan names it. */
export const COLD_TAG = 'holdfast-cold';

/** Objects that one run marks: at 50 at once some minutes. The rest is left to later runs. */
const MOST_OBJECTS = 20_000;

/** Whoever needs a point in a hurry needs one of these: they stay where they are read at once, whatever their age. */
const STAYS_HOT: ReadonlySet<Reason['kind']> = new Set(['newest-good', 'last', 'proven', 'no-good-point']);

export type ColdStorage = { afterSeconds: number; class: ColdClass };

/**
 * Points that are kept, good, and old enough. As with expiry, age is counted to the newest good point. What is not in the other vault
 * yet stays: a copy could not read it.
 */
export function selectColdPoints(
  points: readonly PointState[],
  decisions: readonly Decision[],
  { afterSeconds }: ColdStorage,
): Set<string> {
  const newestGood = decisions.find(({ reasons }) => reasons.some(({ kind }) => kind === 'newest-good'));
  const newest = points.find(({ point }) => point === newestGood?.point);
  if (!newest) return new Set();
  const kept = new Map(decisions.map((decision) => [decision.point, decision]));
  return new Set(
    points.flatMap((state) => {
      const { point, instant, replicated } = state;
      const { action, reasons = [] } = kept.get(point) ?? {};
      const isOld = newest.instant.getTime() - instant.getTime() >= afterSeconds * 1000;
      const isWanted = action === 'keep' && isGood(state) && replicated;
      return isOld && isWanted && !reasons.some(({ kind }) => STAYS_HOT.has(kind)) ? [point] : [];
    }),
  );
}

/** Versions that are to get the tag: still in the hot class, and large enough that S3 moves them at all. */
export const isToMark = ({ storageClass, sizeBytes, isDeleteMarker }: ListedVersion, { class: cold }: ColdStorage): boolean =>
  !isDeleteMarker && (storageClass ?? 'STANDARD') === 'STANDARD' && sizeBytes >= STORAGE_CLASSES[cold].smallestKib * 1024;

export const markedInThisRun = <T>(versions: readonly T[]): { now: T[]; later: number } => ({
  now: versions.slice(0, MOST_OBJECTS),
  later: Math.max(0, versions.length - MOST_OBJECTS),
});
