import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { EscrowInput, RenewLocksEnvironment, RenewLocksRequest, type RenewLocksAnswer } from '../../core/escrow/contract.ts';
import { bringsThoseThatLeft, readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { isKeptForEver, renewedLock } from '../../core/escrow/renewal.ts';
import type { ListedVersion, ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { handle } from '../edge.ts';

export type RenewLocksPorts = {
  system: string;
  keys: KeySources;
  places: readonly (ObjectReader & ObjectLocker)[];
  now: () => Date;
};
type Request = z.output<typeof RenewLocksRequest>;

const OBJECTS_AT_ONCE = 8;
/** Where so many fail in one region the next ones would too. */
const MOST_FAILURES = 20;

/**
 * Of what is kept for ever the lock is made longer a year before it ends, in both regions; nothing is ever shortened or opened. It goes
 * by what stands there, and begins a run: neither a source nor a signature has a say in it. What fails keeps nothing else waiting.
 */
export async function renewLocks({ input }: Request, { system, keys, places, now }: RenewLocksPorts): Promise<RenewLocksAnswer> {
  let renewed = 0;
  const failures: unknown[] = [];
  for (const place of places)
    try {
      let failed = 0;
      await mapSeveralAtOnce(await keptObjects(place, system, wantedKeys(input, keys)), OBJECTS_AT_ONCE, async ({ key, versionId }) => {
        if (failed >= MOST_FAILURES) return;
        try {
          const until = renewedLock((await place.head({ key, versionId }))?.lockedUntil, now());
          if (until) await place.lockUntil({ key, versionId }, 'compliance', until);
          if (until) renewed += 1;
        } catch (error) {
          failed += 1;
          failures.push(error);
        }
      });
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
  return { renewed };
}

/** Those of the key that the run is for, with what left the plan where it brings that along. What it does not understand is for all. */
function wantedKeys(input: unknown, keys: KeySources): (key: string) => boolean {
  const asked = EscrowInput.safeParse(input ?? {}).data?.key;
  const own = asked !== undefined && Object.hasOwn(keys, asked) ? [asked] : Object.keys(keys);
  const withOthers = bringsThoseThatLeft(own, keys);
  return (key) => own.includes(key) || (withOthers && !Object.hasOwn(keys, key));
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
      keys: readKeySources(environment.KEYS),
      places: [place(environment.ESCROW_BUCKET), place(environment.REPLICA_ESCROW_BUCKET, environment.REPLICA_REGION)],
      now: () => new Date(),
    };
  },
  run: renewLocks,
});
