/** What brings records to the replica that no run has copied: an event of the vault, and the daily comparison. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { CopyNotLocked, CopyDiffers, RecordsDidNotFollow } from '../../core/copy/errors.ts';
import { claimKey, evidenceKey, factKey, manifestKey, pointPrefix } from '../../core/vault/keys.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { followMissing } from '../../functions/copy/follow-missing.ts';
import { followRecord } from '../../functions/copy/follow-record.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const DAY_MILLISECONDS = 86_400_000;
const RUN = '20261120T030000Z-abcdef';
let world: VaultWorld;
let minute = 0;
beforeAll(async () => {
  world = await makeVaultWorld();
});

const put = (key: string) => world.vault.putOnce(key, JSON.stringify({ key }));
const event = (key: string, bucket = world.vaultBucket) => ({ detail: { bucket: { name: bucket }, object: { key } } });
const follow = (key: string, bucket?: string) => followRecord(event(key, bucket), world.copyPorts);
const keysIn = async (place: 'vault' | 'replica', prefix: string) => (await storedVersions(world[place], prefix)).map(({ key }) => key);

async function committedPoint() {
  const point = `20261120T02${String(minute++).padStart(2, '0')}00Z`;
  await world.putLockedPoint(point);
  return point;
}
async function copy(point: string) {
  const request = { system: world.system, asset: ASSET, point, run: RUN, keys: [] };
  const { batches } = await planCopy(request, world.copyPorts);
  for (const batch of batches) await copyParts(batch, world.copyPorts);
  await completeCopy({ ...request, batches }, world.copyPorts);
  await copyRecords(request, world.copyPorts);
}
async function lockedDays(key: string) {
  const [version] = await storedVersions(world.replica, key);
  const head = version && (await world.replica.head({ key, versionId: version.versionId }));
  return ((head?.lockedUntil?.getTime() ?? 0) - Date.now()) / DAY_MILLISECONDS;
}

describe('followRecord', () => {
  it('brings a fact that was written after the copy, and locks it as long as the point', async () => {
    const point = await committedPoint();
    await copy(point);
    const key = factKey(world.system, ASSET, point, 'held', 'a');
    await put(key);
    expect(await follow(key)).toMatchObject({ followed: true });
    expect(await lockedDays(key)).toBeGreaterThan(29);
    expect(await lockedDays(key)).toBeLessThan(31);
    expect(await follow(key)).toEqual({ followed: false, reason: 'The replica has it' });
  });

  it('brings evidence, locked as evidence', async () => {
    const key = evidenceKey(world.system, 'expiry', '20261120T030000Z-000001');
    await put(key);
    expect(await follow(key)).toMatchObject({ followed: true });
    expect(await lockedDays(key)).toBeGreaterThan(3600);
  });

  it('lets no manifest or fact be in the replica before the data is', async () => {
    const point = await committedPoint();
    const verified = factKey(world.system, ASSET, point, 'verified', RUN);
    await put(verified);
    for (const key of [manifestKey(world.system, ASSET, point), verified]) expect(await follow(key)).toMatchObject({ followed: false });
    expect(await keysIn('replica', pointPrefix(world.system, ASSET, point))).toEqual([]);
  });

  it('carries no tombstone over, and nothing of another bucket', async () => {
    const point = await committedPoint();
    await copy(point);
    const tombstone = factKey(world.system, ASSET, point, 'tombstone', RUN);
    await put(tombstone);
    expect(await follow(tombstone)).toMatchObject({ followed: false });
    expect(await follow(factKey(world.system, ASSET, point, 'held', 'b'), 'another')).toMatchObject({ followed: false });
  });

  it('says so when another record stands there', async () => {
    const point = await committedPoint();
    await copy(point);
    const key = evidenceKey(world.system, 'expiry', '20261120T030000Z-000002');
    await put(key);
    await world.replica.putOnce(key, 'something else');
    await expect(follow(key)).rejects.toThrow(CopyDiffers);
  });
});

describe('followMissing', () => {
  const measured: { asset: string; lagSeconds: number; missing: number }[] = [];
  const audit = (own: VaultWorld) =>
    followMissing(
      {},
      { ...own.copyPorts, system: own.system, assets: [ASSET], publish: ({ asset }, of) => measured.push({ asset, ...of }) },
    );

  it('copies what never arrived, once, and measures how far the replica is behind', async () => {
    world = await makeVaultWorld();
    const point = await committedPoint();
    await copy(point);
    const late = await committedPoint();
    const lost = [
      factKey(world.system, ASSET, point, 'drilled', RUN),
      claimKey(world.system, ASSET, point, 1),
      'chain/' + world.system + '/' + ASSET + '/000000001.json',
      evidenceKey(world.system, 'drill', RUN),
    ];
    for (const key of lost) await put(key);
    expect(await audit(world)).toMatchObject({ missing: lost.length, copied: lost.length });
    for (const key of lost) expect(await lockedDays(key), key).toBeGreaterThan(29);
    // The claim goes when its point goes.
    expect(await lockedDays(lost[1]!)).toBeLessThan(31);
    expect(await keysIn('replica', pointPrefix(world.system, ASSET, late))).toEqual([]);
    expect(measured.at(-1)!.lagSeconds).toBeGreaterThan(0);
    await copy(late);
    expect(await audit(world)).toMatchObject({ missing: 0, copied: 0, lagSeconds: 0 });
  });

  it('brings all others when a record cannot be copied, says how many were not, and measures all the same', async () => {
    world = await makeVaultWorld();
    const [damaged, whole] = [await committedPoint(), await committedPoint()];
    for (const point of [damaged, whole]) await copy(point);
    await put(factKey(world.system, ASSET, damaged, 'locked', 'torn'));
    const lost = [factKey(world.system, ASSET, whole, 'drilled', RUN), evidenceKey(world.system, 'drill', RUN)];
    for (const key of lost) await put(key);
    const before = measured.length;
    await expect(audit(world)).rejects.toThrow(RecordsDidNotFollow);
    for (const key of lost) expect(await lockedDays(key), key).toBeGreaterThan(29);
    expect(measured.slice(before)).toMatchObject([{ asset: ASSET, missing: 2 }]);
  });
});

describe('"replicated"', () => {
  it('is not said when the replica does not keep the lock that it was told', async () => {
    const point = await committedPoint();
    const request = { system: world.system, asset: ASSET, point, run: RUN, keys: [] };
    const { batches } = await planCopy(request, world.copyPorts);
    for (const batch of batches) await copyParts(batch, world.copyPorts);
    const deaf = { ...world.replica, lockUntil: () => Promise.resolve() };
    await expect(completeCopy({ ...request, batches }, { ...world.copyPorts, replica: deaf })).rejects.toThrow(CopyNotLocked);
    for (const place of ['vault', 'replica'] as const)
      expect((await keysIn(place, pointPrefix(world.system, ASSET, point))).filter((key) => key.includes('replicated'))).toEqual([]);
    await copy(point);
    expect((await keysIn('vault', pointPrefix(world.system, ASSET, point))).filter((key) => key.includes('replicated'))).toHaveLength(1);
  });

  it('is not said of a copy that somebody wrote over', async () => {
    const point = await committedPoint();
    const request = { system: world.system, asset: ASSET, point, run: RUN, keys: [] };
    const { batches } = await planCopy(request, world.copyPorts);
    for (const batch of batches) await copyParts(batch, world.copyPorts);
    const { objects } = JSON.parse(
      Buffer.from((await world.vault.get({ key: manifestKey(world.system, ASSET, point) }))!.body).toString(),
    ) as { objects: { key: string }[] };
    const [{ key }] = objects as [{ key: string }];
    await world.second.send(new PutObjectCommand({ Bucket: world.replicaBucket, Key: key, Body: 'other bytes' }));
    // The true version is still there, under the other one: it is that which the fact names.
    await completeCopy({ ...request, batches }, world.copyPorts);
    const fact = (await keysIn('replica', pointPrefix(world.system, ASSET, point))).find((named) => named.includes('replicated'))!;
    const { objects: copies } = JSON.parse(Buffer.from((await world.replica.get({ key: fact }))!.body).toString()) as {
      objects: { key: string; versionId: string }[];
    };
    const head = await world.replica.head({ key, versionId: copies[0]!.versionId });
    expect(head?.sizeBytes).not.toBe(11);
  });
});
