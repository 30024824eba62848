import type { z } from 'zod';
import { renewBucket } from '../../adapters/escrow/renew-bucket.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { EscrowInput, RenewLocksEnvironment, RenewLocksRequest, type RenewLocksAnswer } from '../../core/escrow/contract.ts';
import { bringsThoseThatLeft, readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { LocksNotRenewed } from '../../core/escrow/renewal.ts';
import type { ObjectLocker, ObjectReader } from '../../core/ports/object-store.ts';
import { handle } from '../edge.ts';

export type RenewLocksPorts = {
  system: string;
  keys: KeySources;
  places: readonly (ObjectReader & ObjectLocker)[];
  now: () => Date;
};
type Request = z.output<typeof RenewLocksRequest>;

/**
 * Of what is kept for ever the lock is made longer a year before it ends, in both regions; nothing is ever shortened or opened. It goes
 * by what stands there, and begins a run: neither a source nor a signature has a say in it. What fails keeps nothing else waiting.
 */
export async function renewLocks({ input }: Request, { system, keys, places, now }: RenewLocksPorts): Promise<RenewLocksAnswer> {
  const results = await Promise.all(places.map((place) => renewBucket(place, system, wantedKeys(input, keys), now)));
  const failures = results.flatMap(({ failure }) => failure ?? []);
  if (failures.length > 0) throw new LocksNotRenewed(failures);
  return { renewed: results.reduce((sum, { renewed }) => sum + renewed, 0) };
}

/** Those of the key that the run is for, with what left the plan where it brings that along. What it does not understand is for all. */
function wantedKeys(input: unknown, keys: KeySources): (key: string) => boolean {
  const asked = EscrowInput.safeParse(input ?? {}).data?.key;
  const own = asked !== undefined && Object.hasOwn(keys, asked) ? [asked] : Object.keys(keys);
  const withOthers = bringsThoseThatLeft(own, keys);
  return (key) => own.includes(key) || (withOthers && !Object.hasOwn(keys, key));
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
