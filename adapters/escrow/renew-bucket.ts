/** Makes the locks of what one escrow bucket keeps for ever longer, where they are to end. */
import { isKeptForEver, renewedLock, type RenewalFailure } from '../../core/escrow/renewal.ts';
import type { ListedVersion, ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';

const OBJECTS_AT_ONCE = 8;
/** Where so many fail in one region the next ones would too. */
const MOST_FAILURES = 20;

type Renewed = { renewed: number; failure: RenewalFailure | undefined };

/** What fails is told, and keeps nothing else waiting. */
export async function renewBucket(
  place: ObjectReader & ObjectLocker,
  system: string,
  isWanted: (key: string) => boolean,
  now: () => Date,
): Promise<Renewed> {
  const { bucket } = place;
  let objects: ListedVersion[];
  try {
    objects = await keptObjects(place, system, isWanted);
  } catch (why) {
    return { renewed: 0, failure: { bucket, objects: 0, failed: [], untried: 0, why } };
  }
  let [renewed, untried] = [0, 0];
  const failed: { key: string; why: unknown }[] = [];
  await mapSeveralAtOnce(objects, OBJECTS_AT_ONCE, async ({ key, versionId }) => {
    if (failed.length >= MOST_FAILURES) {
      untried += 1;
      return;
    }
    try {
      const until = renewedLock((await place.head({ key, versionId }))?.lockedUntil, now());
      if (until) await place.lockUntil({ key, versionId }, 'compliance', until);
      if (until) renewed += 1;
    } catch (why) {
      failed.push({ key, why });
    }
  });
  const [first] = failed;
  const failure = first && { bucket, objects: objects.length, failed: failed.map(({ key }) => key), untried, why: first.why };
  return { renewed, failure };
}

/** Of an object that is written once the oldest version counts; whatever stands over it is not escrow's. */
async function keptObjects(place: ObjectReader, system: string, isWanted: (key: string) => boolean): Promise<ListedVersion[]> {
  const prefix = `${system}/`;
  const oldest = new Map<string, ListedVersion>();
  // S3 lists the versions of a key newest first.
  for await (const version of place.listVersions(prefix))
    if (!version.isDeleteMarker && isKeptForEver(version.key) && isWanted(version.key.slice(prefix.length).split('/')[0] ?? ''))
      oldest.set(version.key, version);
  return [...oldest.values()];
}
