/** A key asset that was taken out of the plan: points of before still need what is in escrow of it. */
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, test } from 'vitest';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { listOlder } from '../../../functions/escrow/list-older.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { renewLocks } from '../../../functions/escrow/renew-locks.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, nameOf, runOf } from './key-in-source.ts';

let world: EscrowWorld;
let fingerprint: string;
const list = (input: object, over = {}) =>
  listVersions({ input, execution: 'arn:run', startedAt: '2026-11-02T02:00:00Z' }, { ...world.listPorts(), ...over });

beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  for (const key of ['a-key', 'left', 'z-key']) {
    const made = await keyInSource(world, key);
    const escrowed = await made.escrow(1);
    if (key === 'left') ({ fingerprint } = escrowed);
    if (key === 'left') for (const place of ['vault', 'replica'] as const) await made.look(place, fingerprint, 1);
  }
  delete world.keys['left'];
});

test('goes along with the first key of the plan, and with a run of all', async () => {
  expect((await list({ key: 'a-key' })).keys).toEqual(['a-key', 'left']);
  expect((await list({ key: 'z-key' })).keys).toEqual(['z-key']);
  expect((await list({})).keys).toEqual(['a-key', 'z-key', 'left']);
  expect(await list({}, { keys: {} })).toMatchObject({ keys: ['a-key', 'left', 'z-key'], versions: [], later: 0 });
});

test('is found in either region', async () => {
  const key = `${world.system}/only-there/${'ab'.repeat(32)}/envelope`;
  await world.bucket(REPLICA).writer.putOnce(key, 'sealed');
  expect((await list({ key: 'a-key' })).keys).toContain('only-there');
});

test('is found though delete markers hide all that there is of it, in both regions', async () => {
  const { reader } = world.bucket(HOME);
  const key = `${world.system}/hidden/${'cd'.repeat(32)}/envelope`;
  for (const region of [HOME, REPLICA]) {
    await world.bucket(region).writer.putOnce(key, 'sealed');
    const client = new S3Client({ ...clientConfig(world.settings(region)), forcePathStyle: true });
    await client.send(new DeleteObjectCommand({ Bucket: world.bucketName(region), Key: key }));
  }
  expect(await reader.get({ key })).toBeUndefined();
  expect((await list({ key: 'a-key' })).keys).toContain('hidden');
});

test('a second region that does not answer keeps nothing from being listed', async () => {
  const { keys, versions } = await list(
    { key: 'a-key' },
    { replica: world.bucket(REPLICA, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' }).reader },
  );
  expect(keys).toEqual(['a-key', 'hidden', 'left']);
  expect(versions).toHaveLength(1);
});

test('is opened, and its locks are renewed, in both regions', async () => {
  // More than a week after it was last opened.
  const { keys, run } = await listVersions(
    { input: { key: 'a-key' }, execution: 'arn:run', startedAt: '2026-11-20T02:00:00Z' },
    world.listPorts(),
  );
  const places = [HOME, REPLICA].map((region) => {
    const { reader, locker } = world.bucket(region);
    return { ...reader, ...locker };
  });
  const { envelopes } = await listOlder({ run, keys, opened: [] }, world.olderPorts());
  const asked = envelopes.filter((one) => one.key === 'left');
  expect(asked.map(({ place }) => place)).toEqual(['vault', 'replica']);
  for (const one of asked) await readBack(one, world.readBackPorts());
  for (const region of [HOME, REPLICA])
    expect((await listEscrow(world.bucket(region).reader, world.system, 'left', AFTER_ALL_RUNS)).get(fingerprint)).toMatchObject({
      readBackRun: run,
    });
  // The buckets here lock for 30 days. Of a key the envelope and the fact of its version, in both regions.
  const ports = { system: world.system, keys: world.keys, places, now: () => new Date() };
  expect(await renewLocks({ input: { key: 'z-key' } }, ports)).toEqual({ renewed: 4 });
  // Those of the first key and of `left`; one envelope of `only-there`, and two of `hidden`.
  expect(await renewLocks({ input: { key: 'a-key' } }, ports)).toEqual({ renewed: 11 });
  expect(await renewLocks({ input: {} }, ports)).toEqual({ renewed: 0 });
});

test('whose envelope no longer opens in one region is told there, opened in the other, and tried again by the next run', async () => {
  const damaged = await keyInSource(world, 'damaged');
  const value = await nameOf(world, damaged);
  await world.bucket(REPLICA).writer.putOnce(world.envelopeKeyOf('damaged', value), 'no envelope');
  await damaged.escrow(1);
  delete world.keys['damaged'];
  const places = [HOME, REPLICA].map((region) => world.bucket(region).reader);
  for (const day of [3, 4]) {
    const { keys } = await list({ key: 'a-key' });
    const { envelopes } = await listOlder({ run: runOf(day), keys, opened: [] }, world.olderPorts());
    const [atHome, atReplica, ...others] = envelopes.filter((one) => one.key === 'damaged');
    expect(others).toEqual([]);
    expect(await readBack(atHome!, world.readBackPorts())).toMatchObject({ kind: 'readback', fingerprint: value });
    await expect(readBack(atReplica!, world.readBackPorts())).rejects.toMatchObject({
      failure: 'KeyNotRecoverable',
      reason: 'envelope-altered',
    });
    const states = await Promise.all(
      places.map(async (place) => (await listEscrow(place, world.system, 'damaged', AFTER_ALL_RUNS)).get(value)!),
    );
    expect(states.map(isRecoverable)).toEqual([true, false]);
    expect(states[1]).toMatchObject({ lostRun: runOf(day), readBackRun: undefined });
  }
});
