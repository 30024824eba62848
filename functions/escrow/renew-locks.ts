import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { RenewLocksEnvironment, RenewLocksRequest, type RenewLocksAnswer } from '../../core/escrow/contract.ts';
import { isKeptForEver, renewedLock } from '../../core/escrow/renewal.ts';
import type { ListedVersion, ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

export type RenewLocksPorts = { system: string; places: readonly (ObjectReader & ObjectLocker)[]; now: () => Date };
type Request = z.output<typeof RenewLocksRequest>;

const OBJECTS_AT_ONCE = 8;

/** Of what is kept for ever the lock is made longer a year before it ends, in both regions; nothing is ever shortened or opened. */
export async function renewLocks({ keys }: Request, { system, places, now }: RenewLocksPorts): Promise<RenewLocksAnswer> {
  let renewed = 0;
  for (const place of places)
    for (const key of keys) {
      const kept = await oldestVersions(place, escrowPrefix(system, key));
      const done = await mapSeveralAtOnce(kept, OBJECTS_AT_ONCE, async ({ key: object, versionId }) => {
        const until = renewedLock((await place.head({ key: object, versionId }))?.lockedUntil, now());
        if (until) await place.lockUntil({ key: object, versionId }, 'compliance', until);
        return until !== undefined;
      });
      renewed += done.filter(Boolean).length;
    }
  return { renewed };
}

/** Of an object that is written once the oldest version counts; whatever stands over it is not escrow's. */
async function oldestVersions(place: ObjectReader, prefix: string): Promise<ListedVersion[]> {
  const oldest = new Map<string, ListedVersion>();
  // S3 lists the versions of a key newest first.
  for await (const version of place.listVersions(prefix))
    if (!version.isDeleteMarker && isKeptForEver(version.key)) oldest.set(version.key, version);
  return [...oldest.values()];
}

export const handler = handle({
  environment: RenewLocksEnvironment,
  request: RenewLocksRequest,
  connect: (environment): RenewLocksPorts => {
    const place = (bucket: string, region?: string) => {
      const { reader, locker } = openBucket(bucket, { region }, process.env);
      return { ...reader, ...locker };
    };
    return {
      system: environment.SYSTEM,
      places: [place(environment.ESCROW_BUCKET), place(environment.REPLICA_ESCROW_BUCKET, environment.REPLICA_REGION)],
      now: () => new Date(),
    };
  },
  run: renewLocks,
});
