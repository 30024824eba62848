/** Another KMS key behind the alias of the fingerprint key: the second region's own knows the values, and none of them is lost. */
import { randomBytes } from 'node:crypto';
import { CreateKeyCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { beforeAll, expect, inject, test } from 'vitest';
import { envelopeSealer } from '../../../adapters/escrow/envelope.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { keyAlias } from '../../../core/names.ts';
import { escrowFactKey, valuePrefix } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { runOf } from './key-in-source.ts';

const PLACES = ['vault', 'replica'] as const;
const NOT_RECOGNISED = { name: 'ValueNotRecognised', failure: 'VaultRefused', advice: expect.stringContaining('alias') as string };
let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

const escrowOne = async (key: string) => {
  world.keys[key] = { secret: `${world.system}/${key}` };
  const secretVersion = await world.putSecret(key, randomBytes(32).toString('hex'));
  return { secretVersion, fingerprint: (await escrowVersion({ key, secretVersion, run: runOf(1) }, world.escrowPorts())).fingerprint };
};
const look = (key: string, fingerprint: string, place: (typeof PLACES)[number], day: number) =>
  readBack({ key, fingerprint, run: runOf(day), place }, world.readBackPorts());
const stateAt = async (region: string, key: string, fingerprint: string) =>
  (await listEscrow(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS)).get(fingerprint)!;
/** Lets the alias of home's fingerprint key name another key; answers with how to put it back. */
async function replaceFingerprintKey(): Promise<() => Promise<unknown>> {
  const kms = world.kms()(HOME);
  const AliasName = keyAlias(world.system, 'fingerprint');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }));
  const before = (await world.escrowPorts().fingerprinter.fingerprint(Buffer.from('x'))).keyArn;
  await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  return () => kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: before }));
}

test('a value that the second region knows is read back in both, and goes on being so', async () => {
  const { fingerprint, secretVersion } = await escrowOne('wallet');
  for (const place of PLACES) expect((await look('wallet', fingerprint, place, 1)).fingerprintKey).toMatch(/:key\//);
  const putBack = await replaceFingerprintKey();
  for (const place of PLACES) await look('wallet', fingerprint, place, 2);
  for (const region of [HOME, REPLICA])
    expect(await stateAt(region, 'wallet', fingerprint)).toMatchObject({ lostRun: undefined, readBackRun: runOf(2) });
  // What the source has is in escrow under its new name all the same.
  const anew = await escrowVersion({ key: 'wallet', secretVersion, run: runOf(3) }, world.escrowPorts());
  expect(anew.fingerprint).not.toBe(fingerprint);
  for (const place of PLACES) await look('wallet', anew.fingerprint, place, 3);
  await putBack();
  for (const place of PLACES) await look('wallet', fingerprint, place, 4);
  expect(isRecoverable(await stateAt(HOME, 'wallet', fingerprint))).toBe(true);
});

test('a value that only home has read back is refused as not recognised, and nowhere said to be lost', async () => {
  const { fingerprint } = await escrowOne('half');
  await look('half', fingerprint, 'vault', 1);
  const putBack = await replaceFingerprintKey();
  await expect(look('half', fingerprint, 'vault', 2)).rejects.toMatchObject(NOT_RECOGNISED);
  expect(await stateAt(HOME, 'half', fingerprint)).toMatchObject({ lostRun: undefined, readBackRun: runOf(1) });
  await putBack();
});

test('the first look at the second region finds nothing lost either, when home alone has read the value back', async () => {
  const { fingerprint } = await escrowOne('first-look');
  await look('first-look', fingerprint, 'vault', 1);
  const putBack = await replaceFingerprintKey();
  await expect(look('first-look', fingerprint, 'replica', 2)).rejects.toMatchObject(NOT_RECOGNISED);
  expect(await stateAt(REPLICA, 'first-look', fingerprint)).toMatchObject({ lostRun: undefined, hasEnvelope: true });
  await putBack();
  await look('first-look', fingerprint, 'replica', 3);
  expect(isRecoverable(await stateAt(REPLICA, 'first-look', fingerprint))).toBe(true);
});

test('the second region’s own key knows a value of which the first release wrote down no key', async () => {
  const { fingerprint } = await escrowOne('early');
  const { regionFingerprint, envelopeVersionId, ...fact } = await look('early', fingerprint, 'replica', 1);
  const early = { ...fact, id: runOf(2), regionFingerprint, envelopeVersionId, fingerprintKey: undefined, envelope: undefined };
  await world
    .bucket(REPLICA)
    .writer.putOnce(escrowFactKey(world.system, 'early', fingerprint, 'readback', runOf(2)), JSON.stringify(early));
  const putBack = await replaceFingerprintKey();
  for (const place of PLACES) await look('early', fingerprint, place, 3);
  await putBack();
  for (const region of [HOME, REPLICA]) expect((await stateAt(region, 'early', fingerprint)).lostRun).toBeUndefined();
});

test('another value is told from another key', async () => {
  const { fingerprint } = await escrowOne('planted');
  for (const place of PLACES) await look('planted', fingerprint, place, 1);
  const sealer = envelopeSealer(world.kms(), [world.escrowAliasArn(HOME), world.escrowAliasArn(REPLICA)]);
  const { envelope } = await sealer.seal(Buffer.from('another value'), envelopeContext(world.system, 'planted'));
  const other = 'ef'.repeat(32);
  await world.bucket(HOME).writer.putOnce(`${valuePrefix(world.system, 'planted', other)}envelope`, envelope);
  await expect(look('planted', other, 'vault', 2)).rejects.toMatchObject({ failure: 'KeyNotRecoverable', reason: 'value-differs' });
  expect(await stateAt(HOME, 'planted', other)).toMatchObject({ lostRun: runOf(2) });
});
