import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findLost } from '../../core/vault/find-lost.ts';
import { chainKey, factKey, manifestKey, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { listAsset } from '../../core/vault/read-point.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { unheldSignature } from '../helpers/unheld-signature.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { commitPoint, dumpSmallDatabase, makeWorld } from './world.ts';
import type { World } from './world.ts';

const ASSET = 'postgres';
/** One a day, oldest first. */
const POINTS = Array.from({ length: 40 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day, 2)).toISOString().replaceAll(/[-:]|\.000/g, ''));
const OLDEST = POINTS[0]!;
const MIDDLE = POINTS[17]!;
const BARE = POINTS[25]!;
const EXPIRED = POINTS[8]!;
const UNSIGNED = POINTS[30]!;
const NEWEST = POINTS.at(-1)!;

let world: World;
const said = async (...words: string[]) => {
  const { code, stdout, stderr } = await holdfastHere([...words, '--plan', world.plan], {
    environment: { ...emulatorEnvironment(), PATH: process.env['PATH'] ?? '' },
  });
  return { code, text: `${stdout}\n${stderr}` };
};

beforeAll(async () => {
  world = await makeWorld();
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const manifest = await commitPoint(world, OLDEST, await dumpSmallDatabase());
  for (const [index, point] of POINTS.entries()) {
    const own = JSON.stringify({ ...manifest, point, slot: point, consistentAt: `${point.slice(0, 4)}-01-01T02:00:05.000Z` });
    const link = { format: 'holdfast/link/v2', system: world.system, asset: ASSET, link: index + 1, point, records: [] };
    const hashes = { manifestSha256: 'ab'.repeat(32), previousSha256: 'cd'.repeat(32) };
    const key = manifestKey(world.system, ASSET, point);
    const fact = { format: 'holdfast/fact/v1', system: world.system, asset: ASSET, point, id: 'run' };
    const verified = { ...fact, kind: 'verified', at: '2026-01-01T02:02:30.000Z', bytesRead: 1, rows: [], largeObjects: 0 };
    const copied = {
      kind: 'replicated',
      at: '2026-01-01T02:03:00.000Z',
      bucket: 'b',
      region: 'eu-west-1',
      lockedUntil: '2026-12-21T02:02:40.000Z',
    };
    const replicated = { ...fact, ...copied, objects: [] };
    await world.vault.writer.putOnce(chainKey(world.system, ASSET, index + 1), JSON.stringify({ ...link, ...hashes }));
    for (const { writer } of [world.vault, world.replica]) {
      if (point !== OLDEST || writer !== world.vault.writer) await writer.putOnce(key, own);
      await writer.putOnce(factKey(world.system, ASSET, point, 'verified', 'run'), JSON.stringify(verified));
      await writer.putOnce(factKey(world.system, ASSET, point, 'replicated', 'run'), JSON.stringify(replicated));
      if (point !== UNSIGNED) await writer.putOnce(signatureKey(key), unheldSignature(world.system, key, own));
    }
  }
});
afterAll(() => world.remove());

/** As somebody does who may do everything: every version, past the lock. */
async function destroy({ client, bucket }: World['vault'], prefix: string): Promise<void> {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }));
  expect(Versions.length).toBeGreaterThan(0);
  await client.send(
    new DeleteObjectsCommand({
      Bucket: bucket,
      BypassGovernanceRetention: true,
      Delete: { Objects: Versions.map(({ Key, VersionId }) => ({ Key, VersionId })) },
    }),
  );
}
const destroyPoint = (place: World['vault'], point: string) => destroy(place, pointPrefix(world.system, ASSET, point));

async function look(reader: ObjectReader) {
  const reads: string[] = [];
  const counting: ObjectReader = {
    ...reader,
    get: (ref) => {
      reads.push(ref.key);
      return reader.get(ref);
    },
  };
  return { lost: await findLost(counting, world.system, ASSET, await listAsset(reader, world.system, ASSET)), reads: reads.length };
}

test('nothing is lost while every link has its point, and next to no link is read for that', async () => {
  const { lost, reads } = await look(world.vault.reader);
  expect(lost).toEqual({ points: [], others: 0 });
  // The way to the one point whose signature does not say that it is linked.
  expect(reads).toBeLessThanOrEqual(6);
  expect((await said('list')).text).not.toContain('is lost');
});

test('a point with a tombstone has expired', async () => {
  const tombstone = { format: 'holdfast/fact/v1', system: world.system, asset: ASSET, point: EXPIRED, id: 'run', kind: 'tombstone' };
  await destroyPoint(world.vault, EXPIRED);
  await world.vault.writer.putOnce(factKey(world.system, ASSET, EXPIRED, 'tombstone', 'run'), JSON.stringify(tombstone));
  expect((await look(world.vault.reader)).lost).toEqual({ points: [], others: 0 });
});

test('list, status, show, verify and export name a point that is gone, from the middle of the chain, and where it still is', async () => {
  await destroyPoint(world.vault, MIDDLE);
  await destroy(world.vault, manifestKey(world.system, ASSET, BARE));
  const { lost, reads } = await look(world.vault.reader);
  expect(lost).toEqual({ points: [BARE, MIDDLE], others: 0 });
  expect(reads).toBeLessThanOrEqual(14);
  for (const verb of [['list'], ['status']]) {
    const { text } = await said(...verb);
    for (const point of [MIDDLE, BARE]) {
      expect(text).toContain(`Point postgres/${point} is lost`);
      expect(text).toContain(`npx holdfast restore postgres/${point} --to <database> --from replica`);
    }
    expect(text).not.toContain(`${EXPIRED} is lost`);
  }
  for (const verb of [['show'], ['verify'], ['export', '--to', join(tmpdir(), `${world.system}-none`)]]) {
    const { code, text } = await said(verb[0]!, MIDDLE, ...verb.slice(1));
    expect([code, text]).toEqual([31, expect.stringContaining('the replica has it') as string]);
  }
  expect((await said('list', '--from', 'replica')).text).not.toContain('is lost');
});

test('a restore or a drill of it is refused before anything is started, and one of the newest says that a newer one is gone', async () => {
  for (const words of [
    ['restore', MIDDLE, '--to', 'x'],
    ['drill', '--point', MIDDLE],
  ]) {
    const { code, text } = await said(...words);
    expect([code, text]).toEqual([31, expect.stringContaining(`Point postgres/${MIDDLE} is lost`) as string]);
  }
  await destroyPoint(world.vault, NEWEST);
  for (const words of [['restore', 'latest', '--to', 'x'], ['drill']]) {
    // No machine is deployed here: what is asked for would start one.
    const { code, text } = await said(...words);
    expect(code).toBe(66);
    expect(text).toContain(`Point postgres/${NEWEST} is lost`);
  }
});

test('when every point is gone nobody says that there was none yet', async () => {
  await destroyPoint(world.replica, NEWEST);
  await destroy(world.vault, `catalog/${world.system}/`);
  const { text } = await said('list');
  expect(text).not.toContain('no point yet');
  expect(text).toContain(`Point postgres/${NEWEST} is lost`);
  expect(text).toContain('the replica has it no more');
  expect(text).toContain('20 more are lost: `npx holdfast evidence verify` names each');
  for (const words of [['show', 'latest'], ['restore', 'latest', '--to', 'x'], ['drill']])
    expect(await said(...words)).toMatchObject({ code: 31, text: expect.stringContaining('is lost') as string });
});
