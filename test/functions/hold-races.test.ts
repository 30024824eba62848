/** A hold that comes while its point expires, and two runs of holds at one point: whoever is told that it holds, holds. */
import { GetObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { WentBeforeTheHold } from '../../core/lock/errors.ts';
import { pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { holdObjects, type HoldObjectsPorts } from '../../functions/lock/hold-objects.ts';
import { recordHold } from '../../functions/lock/record-hold.ts';
import { expirePoint } from '../../functions/retention/expire-point.ts';
import { rootSettings } from '../helpers/servers.ts';
import { daysAgo, makeRetentionWorld, NOW, RUN, type RetentionWorld } from './retention/retention-world.ts';
import { ASSET, HOME } from './vault-world.ts';

const OLD = daysAgo(40);
const OF = { asset: ASSET, point: OLD };
const HOLD = { hold: 'case-7', reason: 'litigation', by: 'legal' };

async function heldWorld(): Promise<{ world: RetentionWorld; ports: HoldObjectsPorts }> {
  const world = await makeRetentionWorld();
  await world.putGoodPoint(OLD);
  const { reader, holder } = openBucket(world.vaultBucket, rootSettings(HOME), {});
  return { world, ports: { system: world.system, vault: { ...reader, ...holder }, mostObjects: 100 } };
}
const addHold = (world: RetentionWorld) =>
  recordHold(
    {
      input: { action: 'add', asset: ASSET, point: OLD, reason: 'litigation', name: 'case-7' },
      execution: 'e',
      startedAt: NOW.toISOString(),
    },
    { system: world.system, side: 'vault', vault: world.vault, now: () => NOW },
  );
const left = async (world: RetentionWorld) => (await world.keysIn()).filter((key) => key.includes(`/${OLD}/`));

describe('a hold that comes when everything was looked at', () => {
  it.each([
    { at: 0, name: 'before the data goes', isWhole: true },
    { at: 1, name: 'before the records go', isWhole: false },
    { at: 2, name: 'before the manifest goes', isWhole: false },
  ])('wins or says that it lost: $name', async ({ at, isWhole }) => {
    const { world, ports } = await heldWorld();
    const whole = await left(world);
    let calls = 0;
    let outcome: unknown;
    const deleter: typeof world.ports.deleter = {
      ...world.ports.deleter,
      async deleteVersions(versions) {
        if (calls++ === at) {
          const { hold, changed, holds } = await addHold(world);
          expect({ changed, holds }).toEqual({ changed: true, holds: ['case-7'] });
          outcome = await holdObjects({ ...OF, hold }, ports).catch((error: unknown) => error);
        }
        return world.ports.deleter.deleteVersions(versions);
      },
    };
    const kept = await expirePoint(await world.lineOf(OLD), RUN, { ...world.ports, deleter });
    // The fact was not there when the point was listed, and is not deleted with it.
    expect((await left(world)).filter((key) => key.includes('/held-'))).toHaveLength(1);
    if (isWhole) {
      expect(outcome).toMatchObject({ held: true });
      expect(kept).toMatchObject({ failed: true });
      expect(await left(world)).toEqual(expect.arrayContaining(whole));
    } else expect(outcome).toBeInstanceOf(WentBeforeTheHold);
  });

  it.each([1, 2, 3, 4])('is never deleted with the rest: before listing %i of the records', async (at) => {
    const { world } = await heldWorld();
    let listings = 0;
    const vault: typeof world.ports.vault = {
      ...world.ports.vault,
      async *listVersions(prefix) {
        if (prefix === pointPrefix(world.system, ASSET, OLD) && ++listings === at) await addHold(world);
        yield* world.ports.vault.listVersions(prefix);
      },
    };
    const kept = await expirePoint(await world.lineOf(OLD), RUN, { ...world.ports, vault });
    const held = (await left(world)).filter((key) => key.includes('/held-'));
    expect([listings < at, held.length, kept?.failed]).toEqual(listings < at ? [true, 0, undefined] : [false, 1, false]);
  });

  it('and goes on after a kill as it would have: what was held in between stays', async () => {
    const { world } = await heldWorld();
    const killed = { ...world.ports.deleter, deleteVersions: () => Promise.reject(new Error('killed')) };
    const line = await world.lineOf(OLD);
    await expect(expirePoint(line, RUN, { ...world.ports, deleter: killed })).rejects.toThrow('killed');
    await addHold(world);
    expect(await expirePoint(line, RUN, world.ports)).toMatchObject({ failed: false, why: expect.stringContaining('case-7') as string });
  });

  it('fails when the fact that it rests on is gone', async () => {
    const { ports } = await heldWorld();
    await expect(holdObjects({ ...OF, hold: 'case-7' }, ports)).rejects.toThrow(WentBeforeTheHold);
  });

  it('leaves no hold standing alone whose release went first', async () => {
    const { world } = await heldWorld();
    await world.sign(await world.putFact(OLD, 'held', HOLD));
    await world.putRelease(OLD, 'case-7');
    const steps: string[][] = [];
    const deleter: typeof world.ports.deleter = {
      ...world.ports.deleter,
      deleteVersions: (versions) => (steps.push(versions.map(({ key }) => key)), world.ports.deleter.deleteVersions(versions)),
    };
    expect(await expirePoint(await world.lineOf(OLD), RUN, { ...world.ports, deleter })).toBeUndefined();
    const stepOf = (kind: string) => steps.findIndex((keys) => keys.some((key) => key.includes(`/${kind}-`)));
    expect(stepOf('held')).toBeLessThan(stepOf('released'));
  });
});

it('a release and a hold at once end as the facts say, on data as on records', async () => {
  const { world, ports } = await heldWorld();
  await world.sign(await world.putFact(OLD, 'held', { ...HOLD, hold: 'first' }));
  await holdObjects(OF, ports);
  await world.putRelease(OLD, 'first');
  // The release has read that nothing holds, and the new hold is done wholly before its first write.
  let isFirst = true;
  const late: HoldObjectsPorts['vault'] = {
    ...ports.vault,
    async setHold(version, isHeld) {
      if (isFirst) {
        isFirst = false;
        await addHold(world);
        // Later than the release that was written a second ahead.
        expect(await holdObjects({ ...OF, hold: 'case-7' }, ports)).toMatchObject({ held: true, after: '' });
      }
      await ports.vault.setHold(version, isHeld);
    },
  };
  const answer = await holdObjects(OF, { ...ports, vault: late });
  expect(answer).toMatchObject({ held: true });
  expect(answer.after).not.toBe('');
  expect(await holdObjects({ ...OF, after: answer.after, held: answer.held }, ports)).toMatchObject({ held: true, after: '' });
  const prefixes = [pointDataPrefix(world.system, ASSET, OLD), pointPrefix(world.system, ASSET, OLD)];
  for (const prefix of prefixes)
    for (const { key, versionId } of await storedVersions(world.vault, prefix)) {
      const command = new GetObjectLegalHoldCommand({ Bucket: world.vaultBucket, Key: key, VersionId: versionId });
      expect((await world.home.send(command)).LegalHold?.Status, key).toBe('ON');
    }
});
