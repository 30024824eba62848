import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { attemptPrefix, pointDataPrefix } from '../../../core/vault/keys.ts';
import { sweepAttempts } from '../../../functions/retention/sweep-attempts.ts';
import { ASSET } from '../vault-world.ts';
import { Killed, killedPorts } from './killed-ports.ts';
import { makeRetentionWorld, RUN, type RetentionWorld } from './retention-world.ts';

const MILLISECONDS_PER_DAY = 86_400_000;
/** Slots of this minute: what is written to them is as old as they are. */
const slot = (second: number) => `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}T0000${String(second).padStart(2, '0')}Z`;

let world: RetentionWorld;
/** The functions as they run so many days from now. */
const inDays = (days: number) => ({ ...world.ports, now: () => new Date(Date.now() + days * MILLISECONDS_PER_DAY) });
const sweep = (days: number) => sweepAttempts({ asset: ASSET, run: RUN }, inDays(days));
const isThere = async (prefix: string) => (await world.keysIn()).some((key) => key.startsWith(prefix.replaceAll(world.system, '<system>')));

beforeAll(async () => {
  world = await makeRetentionWorld();
});

describe('the sweep', () => {
  it('deletes attempts of a slot without a point, once nobody can be writing to them', async () => {
    const dead = attemptPrefix(world.system, ASSET, slot(1), '0001-1');
    await world.vault.putOnce(`${dead}dump-0001`, 'half a dump');
    await world.vault.putOnce(`${dead}dump-0002`, 'and more');
    expect(await sweep(2)).toMatchObject({ attempts: [], objects: 0 });
    expect(await isThere(dead)).toBe(true);
    expect(await sweep(4)).toEqual({ attempts: [dead], objects: 2, bytes: 19, uploads: 0, refused: 0, unreadable: [] });
    expect(await isThere(dead)).toBe(false);
    expect(await sweep(4)).toMatchObject({ attempts: [], objects: 0 });
  });

  it('deletes the attempts beside the one that a point was committed with, and not that one', async () => {
    const point = slot(2);
    await world.putGoodPoint(point);
    const failed = attemptPrefix(world.system, ASSET, point, '0001-0');
    await world.vault.putOnce(`${failed}dump-0001`, 'the try before');
    expect(await sweep(5)).toMatchObject({ attempts: [failed], objects: 1 });
    expect((await world.keysIn()).filter((key) => key.startsWith(pointDataPrefix('<system>', ASSET, point)))).toHaveLength(2);
    expect(await world.goodPoints()).toContain(point);
  });

  it('leaves every attempt beside a point that cannot be read, says so, and sweeps the others', async () => {
    const [damaged, other] = [slot(6), slot(7)];
    await world.putDamagedPoint(damaged);
    const kept = ['0001-1', '0001-2'].map((attempt) => attemptPrefix(world.system, ASSET, damaged, attempt));
    const dead = attemptPrefix(world.system, ASSET, other, '0001-1');
    for (const prefix of [...kept, dead]) await world.vault.putOnce(`${prefix}dump-0001`, 'bytes');
    const answer = await sweep(5);
    expect(answer).toMatchObject({ attempts: [dead], objects: 1 });
    expect(answer.unreadable).toEqual([expect.stringContaining(`the attempts beside ${damaged} were not swept: `)]);
    for (const prefix of kept) expect(await isThere(prefix)).toBe(true);
  });

  it('leaves what S3 still locks, and says so', async () => {
    const dead = attemptPrefix(world.system, ASSET, slot(3), '0001-1');
    const { versionId } = await world.vault.putOnce(`${dead}dump-0001`, 'locked');
    const Retention = { Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date(Date.now() + 10 * MILLISECONDS_PER_DAY) };
    await world.home.send(
      new PutObjectRetentionCommand({ Bucket: world.vaultBucket, Key: `${dead}dump-0001`, VersionId: versionId, Retention }),
    );
    expect(await sweep(5)).toMatchObject({ attempts: [dead], objects: 0, refused: 1 });
    expect(await isThere(dead)).toBe(true);
  });

  it('ends uploads that were given up, and no younger ones', async () => {
    const Key = `${attemptPrefix(world.system, ASSET, slot(4), '0001-1')}dump-0001`;
    await world.home.send(new CreateMultipartUploadCommand({ Bucket: world.vaultBucket, Key }));
    const uploads = async () => (await world.home.send(new ListMultipartUploadsCommand({ Bucket: world.vaultBucket }))).Uploads ?? [];
    expect(await sweep(1)).toMatchObject({ uploads: 0 });
    expect(await uploads()).toHaveLength(1);
    expect(await sweep(5)).toMatchObject({ uploads: 1 });
    expect(await uploads()).toEqual([]);
  });

  it('killed at any call of S3 and begun again ends the same', async () => {
    const counting = killedPorts(inDays(5), 'before');
    await sweepAttempts({ asset: ASSET, run: RUN }, counting.ports);
    const dead = attemptPrefix(world.system, ASSET, slot(5), '0001-1');
    // The last calls are those that delete; the first are a listing of each day, of which two or three are enough.
    const positions = [1, counting.calls() - 1, counting.calls(), counting.calls() + 1, counting.calls() + 2];
    for (const [index, position] of positions.entries()) {
      await world.vault.putOnce(`${dead}dump-${index}`, 'x');
      const { ports } = killedPorts(inDays(5), index % 2 === 0 ? 'before' : 'half', position);
      await sweepAttempts({ asset: ASSET, run: RUN }, ports).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await sweep(5);
      expect(await isThere(dead), `killed at call ${position}`).toBe(false);
    }
    expect((await world.goodPoints()).toSorted()).toEqual([slot(2), slot(6)]);
  });
});
