/** What escrow does about an offline file that is no good, while the source still has the value. */
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { OFFLINE, packRecipients } from '../../../core/escrow/offline/contract.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { escrowFactKey, offlineFileKey } from '../../../core/vault/keys.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, nameOf, runOf } from './key-in-source.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});
const put = (region: string, key: string, body: string) => world.bucket(region).writer.putOnce(key, body);

describe('an offline file', () => {
  const offlineKey = async (name: string) => {
    const made = await keyInSource(world, name);
    const { recipient } = await splitNewIdentity(2, 2);
    const ports = () => ({ ...world.escrowPorts(), offline: packRecipients([{ id: name, recipients: [recipient] }]) });
    const escrow = (day: number) => made.escrow(day, ports());
    const filesAt = async (region: string, fingerprint: string) =>
      (await made.namesAt(region, fingerprint)).filter((one) => /^offline-[0-9a-f]{16}.*\.age$/.test(one));
    return { ...made, escrow, filesAt, recipients: recipientsId([recipient]), fingerprint: await nameOf(world, made) };
  };
  const read = (region: string, key: string) => readOfflineFiles(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS);

  test.each([HOME, REPLICA])(
    'that is not what was written in %s is told, made again once, and the whole one is exported',
    async (region) => {
      const made = await offlineKey(`damaged-${region}`);
      const { key, fingerprint, recipients } = made;
      await put(region, offlineFileKey(world.system, key, fingerprint, recipients), 'not what was written');
      const fact = { format: 'holdfast/escrow-fact/v1', kind: OFFLINE, system: world.system, key, fingerprint, id: recipients };
      const written = JSON.stringify({ ...fact, recipients: ['age1x'], sha256: '0'.repeat(64), bytes: 9 });
      await put(region, escrowFactKey(world.system, key, fingerprint, OFFLINE, recipients), written);
      expect(await read(region, key)).toMatchObject({
        files: [],
        problems: [{ fingerprint, recipients, problem: expect.stringMatching(/not what was written/) as string }],
      });
      // What stands at home counts at first: that the replica has other bytes is seen by the second run.
      for (const day of [1, 2, 3]) await made.escrow(day);
      const again = `${recipients}-${runOf(region === HOME ? 1 : 2)}`;
      for (const each of [HOME, REPLICA]) {
        expect((await made.filesAt(each, fingerprint)).filter((name) => name.includes('Z-'))).toEqual([`offline-${again}.age`]);
        const { files, problems } = await read(each, key);
        expect(problems).toEqual([]);
        expect(files[0]).toMatchObject({ fact: { id: again }, isCurrent: true });
        // Where it was whole the first one is exported too: what is in a file only witnesses can tell.
        expect(files.slice(1).map(({ fact: { id } }) => id)).toEqual(region === REPLICA && each === HOME ? [recipients] : []);
      }
      const known = (await listEscrow(world.bucket(HOME).reader, world.system, key, AFTER_ALL_RUNS)).get(fingerprint);
      expect(known?.offlineFiles.map(({ id }) => id).toSorted()).toEqual([recipients, again]);
    },
  );

  test('that did not open before witnesses is made again, once', async () => {
    const made = await offlineKey('unopened');
    await made.escrow(1);
    await made.escrow(2);
    expect(await made.filesAt(HOME, made.fingerprint)).toHaveLength(1);
    await put(HOME, escrowFactKey(world.system, made.key, made.fingerprint, 'offline-failed', `${made.recipients}-${runOf(3)}`), '{}');
    for (const day of [4, 5]) await made.escrow(day);
    for (const region of [HOME, REPLICA]) expect(await made.filesAt(region, made.fingerprint)).toHaveLength(2);
  });

  test('that is damaged keeps no other from being read', async () => {
    const made = await offlineKey('one-of-two');
    await made.escrow(1);
    const other = 'ab'.repeat(32);
    await put(HOME, offlineFileKey(world.system, made.key, other, made.recipients), 'without a fact');
    await put(HOME, escrowFactKey(world.system, made.key, 'cd'.repeat(32), OFFLINE, made.recipients), 'no JSON');
    const { files, problems } = await read(HOME, made.key);
    expect(files.map(({ fact }) => fact.fingerprint)).toEqual([made.fingerprint]);
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/\.json is gone, or was never written$/),
      expect.stringMatching(/\.json is not what was written$/),
    ]);
  });
});
