/** Values that were opened in both regions some days ago: the value in use is opened by every run, an earlier one once a week. */
import { randomBytes } from 'node:crypto';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { beforeAll, expect, inject, test } from 'vitest';
import { listOlder } from '../../../functions/escrow/list-older.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { runOf } from './key-in-source.ts';

const PLACES = ['vault', 'replica'] as const;
let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

/** A secret with an earlier value and one in use, both opened in both regions by the run of the tenth. */
async function twoValues(key: string) {
  world.keys[key] = { secret: `${world.system}/${key}` };
  const earlier = await world.putSecret(key, randomBytes(32).toString('hex'));
  const current = await world.putSecret(key, randomBytes(32).toString('hex'));
  const escrow = (secretVersion: string, day: number, over = {}) =>
    escrowVersion(
      { key, secretVersion, run: runOf(day), label: secretVersion === current ? 'current' : 'old' },
      { ...world.escrowPorts(), ...over },
    );
  const look = (fingerprint: string, place: (typeof PLACES)[number], day: number) =>
    readBack({ key, fingerprint, run: runOf(day), place }, world.readBackPorts());
  const made = { earlier: await escrow(earlier, 10), current: await escrow(current, 10) };
  for (const { fingerprint } of Object.values(made)) for (const place of PLACES) await look(fingerprint, place, 10);
  return { key, earlier, current, escrow, look, fingerprint: made.earlier.fingerprint };
}

test('an earlier version says which runs opened it; the one in use is opened again', async () => {
  const { earlier, current, escrow, look, fingerprint } = await twoValues('daily');
  expect((await escrow(current, 11)).openedBy).toBeUndefined();
  expect((await escrow(earlier, 11)).openedBy).toEqual({ vault: runOf(10), replica: runOf(10) });
  await look(fingerprint, 'replica', 16);
  expect((await escrow(earlier, 16)).openedBy).toEqual({ vault: runOf(10), replica: runOf(16) });
  // A week after home opened it.
  expect((await escrow(earlier, 17)).openedBy).toBeUndefined();
});

test('one that a region could not open is opened again', async () => {
  const { earlier, escrow, look } = await twoValues('lost');
  const fingerprint = 'ab'.repeat(32);
  await expect(look(fingerprint, 'replica', 11)).rejects.toMatchObject({ reason: 'envelope-missing' });
  expect((await escrow(earlier, 12)).openedBy).toBeDefined();
  const kms = world.kms()(REPLICA);
  const own = await twoValues('refused');
  await kms.send(new DisableKeyCommand({ KeyId: world.escrowKeyArns[REPLICA] }));
  await expect(own.look(own.fingerprint, 'replica', 11)).rejects.toMatchObject({ reason: 'key-disabled' });
  await kms.send(new EnableKeyCommand({ KeyId: world.escrowKeyArns[REPLICA] }));
  expect((await own.escrow(own.earlier, 12)).openedBy).toBeUndefined();
});

test('one with an envelope that nobody has opened yet is opened again', async () => {
  const { key, earlier, escrow, fingerprint } = await twoValues('anew');
  expect((await escrow(earlier, 11)).openedBy).toBeDefined();
  const { envelope } = await world.escrowPorts().sealer.seal(Buffer.from('x'), envelopeContext(world.system, key));
  const { reader, writer } = world.bucket(REPLICA);
  const folder = `${world.system}/${key}/${fingerprint}/`;
  // Instants of objects are whole seconds.
  const [fact] = await Array.fromAsync(reader.listVersions(`${folder}readback-`));
  await expect.poll(() => Date.now(), { timeout: 30_000 }).toBeGreaterThan(fact!.lastModified.getTime() + 2_000);
  await writer.putOnce(`${folder}envelope-${'0'.repeat(16)}`, envelope);
  expect((await escrow(earlier, 12)).openedBy).toBeUndefined();
});

test('what the source no longer has is passed over as well, and counted', async () => {
  const { key, fingerprint, look } = await twoValues('older');
  const listOn = (day: number) => listOlder({ run: runOf(day), keys: [key], opened: [] }, world.olderPorts());
  // That which was in use last is opened by every run, as long as the plan names the key.
  const found = await listOn(11);
  expect(found).toMatchObject({ later: 0, recent: 1 });
  expect(found.envelopes).toHaveLength(2);
  expect(found.envelopes.map((one) => one.fingerprint)).not.toContain(fingerprint);
  const left = await listOlder({ run: runOf(11), keys: [key], opened: [] }, { ...world.olderPorts(), keys: {} });
  expect(left).toEqual({ envelopes: [], later: 0, recent: 2 });
  await look(fingerprint, 'vault', 15);
  // The second region's openings are of the tenth.
  const due = await listOn(17);
  expect(due).toMatchObject({ later: 0, recent: 0 });
  expect(due.envelopes).toHaveLength(4);
});
