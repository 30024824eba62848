/** What escrow does about an envelope that is no good any more, while the source still has the value. */
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, ScheduleKeyDeletionCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { keyAlias } from '../../../core/names.ts';
import { guardRotation } from '../../../functions/escrow/guard-rotation.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, nameOf, runOf } from './key-in-source.ts';

const PLACES = ['vault', 'replica'] as const;
let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

const put = (region: string, key: string, body: string | Uint8Array) => world.bucket(region).writer.putOnce(key, body);
const seal = async (key: string, value: string) =>
  (await world.escrowPorts().sealer.seal(Buffer.from(value), envelopeContext(world.system, key))).envelope;
const stateAt = async (region: string, key: string, fingerprint: string) =>
  (await listEscrow(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS)).get(fingerprint)!;

test('the escrow key of home is replaced: the next run makes envelopes for the new one, and the guard lets a rotation go on', async () => {
  const own = await makeEscrowWorld(inject('emulator'));
  const made = await keyInSource(own, 'wallet');
  const { fingerprint } = await made.escrow(1);
  for (const place of PLACES) await made.look(place, fingerprint, 1);
  const kms = own.kms()(HOME);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new UpdateAliasCommand({ AliasName: keyAlias(own.system, 'escrow'), TargetKeyId: KeyMetadata?.KeyId }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: own.escrowKeyArns[HOME], PendingWindowInDays: 7 }));
  const ask = () =>
    guardRotation(
      { key: 'wallet' },
      {
        system: own.system,
        source: own.listPorts().source,
        keys: own.keys,
        guarded: { wallet: { limitSeconds: 90_000 } },
        places: [HOME, REPLICA].map((region) => ({ name: region, escrow: own.bucket(region, own.roles.dump).reader })),
        rotate: () => Promise.resolve(),
        now: () => new Date('2026-11-03T12:00:00Z'),
      },
    );
  await expect(made.look('vault', fingerprint, 2)).rejects.toMatchObject({ reason: 'other-key' });
  await expect(ask()).rejects.toThrow(/could not be opened in eu-central-1/);

  expect(await made.escrow(3)).toMatchObject({ fingerprint, created: false });
  for (const place of PLACES) await made.look(place, fingerprint, 3);
  expect(await ask()).toMatchObject({ allowed: true });
  for (const region of [HOME, REPLICA]) {
    expect(await made.envelopesAt(region, fingerprint)).toHaveLength(2);
    expect(await made.recover(region, fingerprint)).toBe(made.value);
  }
  // There is one of the present keys now: nothing more is made.
  await made.escrow(4);
  for (const region of [HOME, REPLICA]) expect(await made.envelopesAt(region, fingerprint)).toHaveLength(2);
});

describe('an envelope', () => {
  test.each([
    ['is altered in the vault', HOME, 'envelope-altered', (whole: Uint8Array) => whole.subarray(0, whole.length - 3)],
    [
      'is altered in the replica',
      REPLICA,
      'envelope-altered',
      (whole: Uint8Array) => whole.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
    ],
  ] as const)('that %s is made again, once, and stays', async (_, region, reason, damage) => {
    const made = await keyInSource(world, `altered-${region}`);
    const fingerprint = await nameOf(world, made);
    await put(region, world.envelopeKeyOf(made.key, fingerprint), damage(await seal(made.key, made.value)));
    await made.escrow(1);
    const place = region === HOME ? 'vault' : 'replica';
    await expect(made.look(place, fingerprint, 1)).rejects.toMatchObject({ reason });
    // Two runs at once, and one more after they have looked.
    await Promise.all([made.escrow(2), made.escrow(2)]);
    for (const one of PLACES)
      expect(await made.look(one, fingerprint, 2)).toMatchObject({ envelope: expect.stringContaining(runOf(2)) as string });
    await made.escrow(3);
    for (const each of [HOME, REPLICA]) {
      expect((await made.envelopesAt(each, fingerprint)).filter((name) => name.includes(runOf(2)))).toHaveLength(1);
      expect(await made.envelopesAt(each, fingerprint)).toHaveLength(2);
      expect(isRecoverable(await stateAt(each, made.key, fingerprint))).toBe(true);
      expect(await made.recover(each, fingerprint)).toBe(made.value);
    }
  });

  test('that was made again and not looked at yet is not made once more', async () => {
    const made = await keyInSource(world, 'waits');
    const fingerprint = await nameOf(world, made);
    await put(HOME, world.envelopeKeyOf(made.key, fingerprint), 'no envelope');
    await made.escrow(1);
    await expect(made.look('vault', fingerprint, 1)).rejects.toMatchObject({ reason: 'envelope-altered' });
    for (const day of [2, 3, 4]) await made.escrow(day);
    expect(await made.envelopesAt(HOME, fingerprint)).toHaveLength(2);
  });

  test('that is dated ahead is not what goes to the second region', async () => {
    const made = await keyInSource(world, 'ahead');
    const fingerprint = await nameOf(world, made);
    const envelope = world.envelopeKeyOf(made.key, fingerprint);
    // A run that died between the regions, and what somebody put beside it.
    await put(HOME, envelope, await seal(made.key, made.value));
    await put(HOME, `${envelope}-${runOf(25)}`, await seal(made.key, 'another value'));
    await made.escrow(2);
    expect(await made.envelopesAt(REPLICA, fingerprint)).toEqual([envelope.slice(envelope.lastIndexOf('/') + 1)]);
    for (const place of PLACES) await made.look(place, fingerprint, 2);
  });

  test('that is dated ahead keeps another from being made neither in the run that needs it nor in later ones', async () => {
    const made = await keyInSource(world, 'in-the-way');
    const fingerprint = await nameOf(world, made);
    const envelope = world.envelopeKeyOf(made.key, fingerprint);
    for (const key of [envelope, `${envelope}-${runOf(25)}`]) await put(HOME, key, 'no envelope');
    await made.escrow(1);
    await expect(made.look('vault', fingerprint, 1)).rejects.toMatchObject({ reason: 'envelope-altered' });
    await made.escrow(2);
    expect(await made.look('vault', fingerprint, 2)).toMatchObject({ envelope: expect.stringContaining(runOf(2)) as string });
    await made.escrow(3);
    expect(await made.envelopesAt(HOME, fingerprint)).toHaveLength(3);
    expect(await made.recover(HOME, fingerprint)).toBe(made.value);
  });

  test('of another value, put beside it later, is passed over by the read-back and by who restores', async () => {
    const made = await keyInSource(world, 'planted');
    const { fingerprint } = await made.escrow(1);
    await made.look('vault', fingerprint, 1);
    const planted = `${world.envelopeKeyOf(made.key, fingerprint)}-${runOf(9)}`;
    await put(HOME, planted, await seal(made.key, 'another value'));
    expect(await made.look('vault', fingerprint, 10)).not.toMatchObject({ envelope: expect.stringContaining(runOf(9)) as string });
    expect(await made.recover(HOME, fingerprint)).toBe(made.value);
  });

  test('whose key is disabled is not made again: no key could open that one either', async () => {
    const own = await makeEscrowWorld(inject('emulator'));
    const made = await keyInSource(own, 'disabled');
    const { fingerprint } = await made.escrow(1);
    const kms = own.kms()(REPLICA);
    await kms.send(new DisableKeyCommand({ KeyId: own.escrowKeyArns[REPLICA] }));
    await expect(made.look('replica', fingerprint, 1)).rejects.toMatchObject({ reason: 'key-disabled' });
    await kms.send(new EnableKeyCommand({ KeyId: own.escrowKeyArns[REPLICA] }));
    await made.escrow(2);
    expect(await made.envelopesAt(HOME, fingerprint)).toHaveLength(1);
    await made.look('replica', fingerprint, 2);
  });
});

/** As the first release wrote it, every name spelt out. */
test('what the first release wrote is opened, and an envelope of the present keys comes to stand beside it', async () => {
  const made = await keyInSource(world, 'golden');
  const fingerprint = await nameOf(world, made);
  const bytes = await seal(made.key, made.value);
  const folder = `${world.system}/golden/${fingerprint}`;
  const readback = { format: 'holdfast/escrow-fact/v1', system: world.system, key: 'golden', fingerprint, id: runOf(1), kind: 'readback' };
  for (const [region, place] of [
    [HOME, 'vault'],
    [REPLICA, 'replica'],
  ] as const) {
    const { versionId } = await put(region, `${folder}/envelope`, bytes);
    const fact = { ...readback, at: '2026-11-01T02:00:00.000Z', region, regionFingerprint: fingerprint, envelopeVersionId: versionId };
    await put(region, `${folder}/readback-${runOf(1)}.json`, JSON.stringify(fact));
    expect(isRecoverable(await stateAt(region, 'golden', fingerprint))).toBe(true);
    expect(await made.recover(region, fingerprint)).toBe(made.value);
    expect(await made.look(place, fingerprint, 2)).toMatchObject({ envelope: 'envelope', envelopeVersionId: versionId });
  }
  expect(await made.escrow(3)).toMatchObject({ fingerprint, created: false });
  for (const region of [HOME, REPLICA]) {
    expect(await made.envelopesAt(region, fingerprint)).toEqual(['envelope', expect.stringMatching(/^envelope-[0-9a-f]{16}$/)]);
    expect(Buffer.from((await world.bucket(region).reader.get({ key: `${folder}/envelope` }))!.body).equals(bytes)).toBe(true);
  }
});
