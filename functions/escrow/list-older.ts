import type { z } from 'zod';
import { kmsClients, sealingNow } from '../../adapters/escrow/kms-key.ts';
import { listEscrow } from '../../adapters/escrow/list-escrow.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { ListOlderEnvironment, ListOlderRequest, type ListOlderAnswer } from '../../core/escrow/contract.ts';
import { readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { selectOlder } from '../../core/escrow/select-older.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { instantOfRun } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

export type ListOlderPorts = {
  system: string;
  keys: KeySources;
  /** The escrow buckets, home's first. */
  places: readonly Pick<ObjectReader, 'listVersions'>[];
  /** Names the keys that seal now; undefined when they cannot be had. */
  keysId: () => Promise<string | undefined>;
};
type Request = z.output<typeof ListOlderRequest>;

/** What is in escrow and no longer in its source: points of before the last rotations need just these, so they are opened as well. */
export async function listOlder(
  { run, keys, opened }: Request,
  { system, keys: sources, places, keysId }: ListOlderPorts,
): Promise<ListOlderAnswer> {
  const sealing = await keysId();
  const now = new Date(instantOfRun(run));
  const known: Parameters<typeof selectOlder>[0][number][] = [];
  for (const key of keys) {
    const states = await Promise.all(places.map((place) => listEscrow(place, system, key, now)));
    known.push({ key, states, isInPlan: Object.hasOwn(sources, key) });
  }
  return selectOlder(known, { run, opened, keysId: sealing });
}

export const handler = handle({
  environment: ListOlderEnvironment,
  request: ListOlderRequest,
  connect: (environment): ListOlderPorts => {
    const kms = kmsClients();
    return {
      system: environment.SYSTEM,
      keys: readKeySources(environment.KEYS),
      places: [
        openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
        openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env).reader,
      ],
      keysId: () => sealingNow(kms, [environment.ESCROW_KEY_ARN, environment.REPLICA_ESCROW_KEY_ARN]),
    };
  },
  run: listOlder,
});
