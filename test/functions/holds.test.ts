/** Legal holds over a real bucket: what they keep, how they end, and what is left when something fails half way. */
import { GetObjectLegalHoldCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { WentBeforeTheHold } from '../../core/lock/errors.ts';
import { AccessRefused, ObjectMissing } from '../../core/ports/object-errors.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { holdObjects, type HoldObjectsPorts } from '../../functions/lock/hold-objects.ts';
import { recordHold } from '../../functions/lock/record-hold.ts';
import { expirePoints } from '../../functions/retention/expire-points.ts';
import { signObjects, type SignPorts } from '../../functions/evidence/sign-objects.ts';
import { rootSettings } from '../helpers/servers.ts';
import { signingKey } from '../helpers/signed-vault.ts';
import { daysAgo, makeRetentionWorld, NOW, type RetentionWorld } from './retention/retention-world.ts';
import { ASSET, HOME } from './vault-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
let world: RetentionWorld;
let ports: HoldObjectsPorts;
let signPorts: SignPorts;
let executions = 0;

beforeAll(async () => {
  world = await makeRetentionWorld();
  const { reader, holder } = openBucket(world.vaultBucket, rootSettings(HOME), {});
  ports = { system: world.system, vault: { ...reader, ...holder }, mostObjects: 100 };
  signPorts = (await signingKey(world.system, world.vault)).signPorts;
  await world.putGoodPoint(daysAgo(0), { proven: true });
});

const record = (point: string, action: 'add' | 'release', name?: string, side: 'vault' | 'replica' = 'vault') =>
  recordHold(
    {
      input: { action, asset: ASSET, point, reason: 'litigation 17', ...(name === undefined ? {} : { name }) },
      execution: `arn:execution:${executions++}`,
      startedAt: NOW.toISOString(),
    },
    // A second apart, as people are.
    { system: world.system, side, vault: world.vault, now: () => new Date(NOW.getTime() + executions * 1000) },
  );
/** What the machine does between writing it down and setting S3's holds. */
const recordSigned = async (...of: Parameters<typeof record>) => {
  const answer = await record(...of);
  await signObjects({ keys: answer.sign }, signPorts);
  return answer;
};
const settle = (point: string, own = ports) => holdObjects({ asset: ASSET, point }, own);
const versionsOf = async (point: string) => [
  ...(await storedVersions(world.vault, pointDataPrefix(world.system, ASSET, point))),
  ...(await storedVersions(world.vault, pointPrefix(world.system, ASSET, point))),
];
/** S3's own word on every version of a point. */
async function statesOf(point: string): Promise<(string | undefined)[]> {
  const states = (await versionsOf(point)).map(async ({ key, versionId }) => {
    const answer = await world.home
      .send(new GetObjectLegalHoldCommand({ Bucket: world.vaultBucket, Key: key, VersionId: versionId }))
      .catch(() => undefined);
    return answer?.LegalHold?.Status ?? 'OFF';
  });
  return [...new Set(await Promise.all(states))];
}
const expire = async (point: string) =>
  expirePoints({ BatchInput: world.request(POLICY), Items: [await world.lineOf(point)] }, world.ports);

describe('a point that is held', () => {
  it('survives retention and even a role that deletes, until the last of its holds is released', async () => {
    const point = daysAgo(50);
    await world.putGoodPoint(point);
    expect(await record(point, 'add', 'case-17')).toMatchObject({ hold: 'case-17', changed: true, holds: ['case-17'], replicated: true });
    expect(await settle(point)).toEqual({ held: true, objects: 7, after: '' });
    expect(await statesOf(point)).toEqual(['ON']);
    expect(await expire(point)).toEqual({
      expired: 0,
      kept: [{ point, failed: false, why: expect.stringContaining('it is held: case-17') as string }],
    });
    for (const { key, versionId } of await versionsOf(point))
      await expect(
        world.home.send(new DeleteObjectCommand({ Bucket: world.vaultBucket, Key: key, VersionId: versionId })),
      ).rejects.toThrow();

    await record(point, 'add', 'audit-3');
    await settle(point);
    expect(await recordSigned(point, 'release', 'case-17')).toMatchObject({ changed: true, holds: ['audit-3'] });
    expect(await settle(point)).toMatchObject({ held: true });
    expect(await statesOf(point)).toEqual(['ON']);
    expect(await expire(point)).toMatchObject({ expired: 0 });

    expect(await recordSigned(point, 'release')).toMatchObject({ hold: 'audit-3', holds: [] });
    expect(await settle(point)).toMatchObject({ held: false });
    expect(await statesOf(point)).toEqual(['OFF']);
    expect(await expire(point)).toEqual({ expired: 1, kept: [] });
  });

  it('is not said to expire when S3 holds it and no fact does: that is a failure with a name', async () => {
    const point = daysAgo(51);
    await world.putGoodPoint(point);
    for (const version of await versionsOf(point)) await ports.vault.setHold(version, true);
    expect(await expire(point)).toMatchObject({ kept: [{ failed: true, why: expect.stringContaining('under legal hold') as string }] });
    // What no fact stands for is taken off.
    expect(await settle(point)).toMatchObject({ held: false });
    expect(await expire(point)).toMatchObject({ expired: 1 });
  });

  it('asked for twice, or in the other vault to which the fact has come, has one fact of it', async () => {
    const point = daysAgo(52);
    await world.putGoodPoint(point);
    const first = await record(point, 'add', 'case-17');
    const again = await record(point, 'add', 'case-17');
    expect([first.changed, again.changed]).toEqual([true, false]);
    expect(again.sign).toEqual(first.sign);
    // The replica signs nothing that came from the vault.
    expect(await record(point, 'add', 'case-17', 'replica')).toMatchObject({ changed: false, sign: [], replicated: false });
    expect(await record(point, 'add', 'case-18', 'replica')).toMatchObject({
      changed: true,
      sign: [expect.stringContaining('/held-') as string],
    });
  });
});

describe('a hold that fails half way', () => {
  it('is done in calls of a bounded size, each going on where the one before it ended', async () => {
    const point = daysAgo(53);
    await world.putGoodPoint(point, { bodies: 5 });
    await record(point, 'add');
    const calls: string[] = [];
    const vault: HoldObjectsPorts['vault'] = {
      ...ports.vault,
      setHold: (ref, isHeld) => (calls.push(ref.key), ports.vault.setHold(ref, isHeld)),
    };
    let after: string | undefined;
    const objects: number[] = [];
    do {
      const answer = await holdObjects(
        { asset: ASSET, point, ...(after === undefined ? {} : { after }) },
        { ...ports, vault, mostObjects: 2 },
      );
      objects.push(answer.objects);
      after = answer.after;
    } while (after !== '');
    expect(objects).toEqual([2, 2, 6]);
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls.at(-1)).toBe(manifestKey(world.system, ASSET, point));
    expect(await statesOf(point)).toEqual(['ON']);
  });

  it.each([1, 2, 4, 6, 7])('killed at object %i, is whole when it is done again', async (position) => {
    const point = daysAgo(60 + position);
    await world.putGoodPoint(point);
    await record(point, 'add');
    let calls = 0;
    const killed: HoldObjectsPorts['vault'] = {
      ...ports.vault,
      setHold: async (ref, isHeld) => {
        if (++calls >= position) throw new Error('killed');
        await ports.vault.setHold(ref, isHeld);
      },
    };
    await expect(settle(point, { ...ports, vault: killed })).rejects.toThrow('killed');
    // Retention goes by the fact, which is there before any object is held.
    expect(await expire(point)).toMatchObject({ expired: 0 });
    await settle(point);
    expect(await statesOf(point)).toEqual(['ON']);
  });

  it('is refused by its name, and its point is kept all the same', async () => {
    const point = daysAgo(54);
    await world.putGoodPoint(point);
    await record(point, 'add');
    const refusing = { ...ports.vault, setHold: () => Promise.reject(new AccessRefused('put a legal hold', 'AccessDenied')) };
    await expect(settle(point, { ...ports, vault: refusing })).rejects.toThrow(AccessRefused);
    expect(await expire(point)).toMatchObject({ expired: 0 });
  });

  it('says so when its point had begun to expire', async () => {
    const point = daysAgo(55);
    const manifest = await world.putGoodPoint(point);
    const { key, versionId } = manifest.objects[0]!;
    await world.home.send(new DeleteObjectCommand({ Bucket: world.vaultBucket, Key: key, VersionId: versionId }));
    await record(point, 'add');
    await expect(settle(point)).rejects.toThrow(WentBeforeTheHold);
    await expect(settle(point)).rejects.toThrow(/1 of its 2 objects/);
    await expect(record(daysAgo(56), 'add')).rejects.toThrow(ObjectMissing);
  });

  it('holds a point whose manifest somebody damaged', async () => {
    const point = daysAgo(57);
    await world.vault.putOnce(manifestKey(world.system, ASSET, point), 'not a manifest');
    await record(point, 'add');
    expect(await settle(point)).toMatchObject({ held: true });
    expect(await statesOf(point)).toEqual(['ON']);
  });
});
