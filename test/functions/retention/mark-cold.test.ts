import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { AccessRefused } from '../../../core/ports/object-errors.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { pointDataPrefix } from '../../../core/vault/keys.ts';
import { markCold } from '../../../functions/retention/mark-cold.ts';
import { rootSettings } from '../../helpers/servers.ts';
import { ASSET, HOME } from '../vault-world.ts';
import { daysAgo, makeRetentionWorld, NOW, type RetentionWorld } from './retention-world.ts';

const DAY_SECONDS = 86_400;
const policy: RetentionPolicy = { hotSeconds: 400 * DAY_SECONDS, keepProven: 1, zone: 'UTC' };
const cold = { afterSeconds: 30 * DAY_SECONDS, class: 'glacier-ir' } as const;
const LARGE = 130 * 1024;

let world: RetentionWorld;
const mark = (change: Partial<RetentionPolicy> = {}, tagger = openBucket(world.vaultBucket, rootSettings(HOME), {}).tagger) =>
  markCold(world.request({ ...policy, ...change }), { system: world.system, vault: world.ports.vault, tagger, now: () => NOW });

/** The tags of everything in the vault that has any, by the end of its key. */
async function tags(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { key, versionId } of world.ports.vault.listVersions('')) {
    const { TagSet = [] } = await world.home.send(
      new GetObjectTaggingCommand({ Bucket: world.vaultBucket, Key: key, VersionId: versionId }),
    );
    if (TagSet.length > 0) found[key.split('/').slice(6).join('/')] = TagSet.map(({ Key, Value }) => `${Key}=${Value}`).join();
  }
  return found;
}

beforeAll(async () => {
  world = await makeRetentionWorld();
  const large = Buffer.alloc(LARGE, 7);
  for (const days of [0, 10, 40, 50]) {
    const point = daysAgo(days);
    await world.putGoodPoint(point, { proven: days === 50, bodies: 1 });
    // A dump of that size beside the small one.
    await world.ports.vault.putOnce(`${pointDataPrefix(world.system, ASSET, point)}0001-1/dump-0009`, large);
  }
});

describe('marking what moves to cold storage', () => {
  it('touches nothing without the plan’s word', async () => {
    expect(await mark()).toEqual({ points: 0, marked: 0, later: 0 });
    expect(await tags()).toEqual({});
  });

  it('refused, says so, and marks the rest when it is done again', async () => {
    const { tagger } = openBucket(world.vaultBucket, rootSettings(HOME), {});
    const refusing = { ...tagger, tag: () => Promise.reject(new AccessRefused('tag', 'no')) };
    await expect(mark({ cold }, refusing)).rejects.toThrow(AccessRefused);
    expect(await tags()).toEqual({});
  });

  it('tags the large data of points that are old enough, and no record, no newest and no newest proven point', async () => {
    expect(await mark({ cold })).toEqual({ points: 1, marked: 1, later: 0 });
    expect(await tags()).toEqual({ [`${daysAgo(40)}/0001-1/dump-0009`]: 'holdfast-cold=glacier-ir' });
    // Until S3 has moved it the tag is given again.
    expect(await mark({ cold })).toEqual({ points: 1, marked: 1, later: 0 });
  });
});
