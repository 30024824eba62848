import type { z } from 'zod';
import { FollowMissingEnvironment, FollowMissingRequest, type FollowMissingAnswer } from '../../core/copy/contract.ts';
import { RecordsDidNotFollow } from '../../core/copy/errors.ts';
import { isOfBothVaults, selectMissing } from '../../core/copy/select-missing.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { slotInstant } from '../../core/vault/ids.ts';
import { catalogPrefix, chainPrefix, evidencePrefix } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';
import { chooseCopyLock } from './choose-copy-lock.ts';
import { copyRecord } from './copy-record.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { selectFollowing } from './select-following.ts';

export type FollowMissingPorts = CopyPorts & {
  system: string;
  assets: string[];
  publish: (of: { system: string; asset: string }, measured: { lagSeconds: number; missing: number }) => void;
};

/** Assets whose listings are compared beside each other, and records of one that are copied beside each other. */
const ASSETS_AT_ONCE = 4;
const RECORDS_AT_ONCE = 8;
/** What is left is copied on the next day; nothing but a lost event or a replica that was unreachable leaves more than a few. */
const MOST_RECORDS = 2_000;

/**
 * Compares the keys of both vaults, and copies every record that the replica lacks: evidence first, of which there is least. A record that
 * cannot be copied keeps no other from coming. Throws RecordsDidNotFollow at the end.
 */
export async function followMissing(
  { asset: only }: z.output<typeof FollowMissingRequest>,
  ports: FollowMissingPorts,
): Promise<FollowMissingAnswer> {
  const { system, vault, replica } = ports;
  const answer = { missing: 0, copied: 0, lagSeconds: 0 };
  const failures: unknown[] = [];
  const bring = async (keys: readonly string[]) => {
    answer.missing += keys.length;
    await severalAtOnce(keys.slice(0, Math.max(0, MOST_RECORDS - answer.copied)), RECORDS_AT_ONCE, async (key) => {
      try {
        await copyRecord(key, await chooseCopyLock(key, ports), ports);
        answer.copied++;
      } catch (error) {
        failures.push(error);
      }
    });
  };
  if (only === undefined) {
    const [here = [], there = []] = await Promise.all([vault, replica].map((bucket) => keysBelow(bucket, [evidencePrefix(system)])));
    const has = new Set(there);
    await bring(here.filter((key) => !has.has(key) && isOfBothVaults(key)));
  }
  const assets = only === undefined ? ports.assets : ports.assets.filter((asset) => asset === only);
  await severalAtOnce(assets, ASSETS_AT_ONCE, async (asset) => {
    const prefixes = [catalogPrefix(system, asset), chainPrefix(system, asset), `runs/${system}/${asset}/`];
    const [here, there] = await Promise.all([vault, replica].map((bucket) => keysBelow(bucket, prefixes)));
    const { keys, unreplicated } = selectMissing(here ?? [], there ?? []);
    const [oldest] = unreplicated;
    const lagSeconds = oldest === undefined ? 0 : Math.max(0, (ports.now().getTime() - slotInstant(oldest).getTime()) / 1000);
    answer.lagSeconds = Math.max(answer.lagSeconds, lagSeconds);
    const following = await selectFollowing(keys, ports);
    await bring(following);
    ports.publish({ system, asset }, { lagSeconds, missing: following.length });
  });
  if (failures.length > 0) throw new RecordsDidNotFollow(failures.length, failures[0]);
  return answer;
}

async function keysBelow(bucket: ObjectReader, prefixes: readonly string[]): Promise<string[]> {
  const keys = new Set<string>();
  // Versions, so that what somebody hid behind a delete marker counts as it does for every reader.
  for (const prefix of prefixes)
    for await (const version of bucket.listVersions(prefix)) if (!version.isDeleteMarker) keys.add(version.key);
  return [...keys];
}

export const handler = handle({
  environment: FollowMissingEnvironment,
  request: FollowMissingRequest,
  connect: (environment): FollowMissingPorts => ({
    ...connectCopy(environment),
    system: environment.SYSTEM,
    assets: environment.ASSETS.split(','),
    publish: (of, { lagSeconds, missing }) =>
      putMetrics(of, [
        { name: 'ReplicaLag', unit: 'Seconds', value: lagSeconds },
        { name: 'RecordsMissing', unit: 'Count', value: missing },
      ]),
  }),
  run: followMissing,
});
