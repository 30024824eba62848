/** Values that their source no longer has: one that a region lacks, and those that hang on a KMS key which the alias names no longer. */
import { randomBytes } from 'node:crypto';
import { CreateKeyCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { beforeAll, expect, inject, test } from 'vitest';
import { copyEnvelope } from '../../../adapters/escrow/copy-envelope.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { CopyEnvelopeRequest } from '../../../core/escrow/contract.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { keyAlias } from '../../../core/names.ts';
import { AccessRefused } from '../../../core/ports/object-errors.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listOlder } from '../../../functions/escrow/list-older.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, runOf } from './key-in-source.ts';

const PLACES = ['vault', 'replica'] as const;
let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

const older = (key: string, day: number) => listOlder({ run: runOf(day), keys: [key], opened: [] }, world.olderPorts());
const stateAt = async (region: string, key: string, fingerprint: string) =>
  (await listEscrow(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS)).get(fingerprint);

test.each([
  ['replica', REPLICA],
  ['vault', HOME],
] as const)('one that the %s lacks is brought there as it stands in the other region, and opened', async (lacking, region) => {
  const key = `lacked-by-${lacking}`;
  world.keys[key] = { secret: `${world.system}/${key}` };
  const secretVersion = await world.putSecret(key, randomBytes(32).toString('hex'));
  const { buckets } = world.escrowPorts();
  const refuse = () => Promise.reject(new AccessRefused(`put into ${region}`, 'AccessDenied'));
  const side = lacking === 'replica' ? 'replica' : 'home';
  const broken = { ...buckets, [side]: { ...buckets[side], writer: { ...buckets[side].writer, putOnce: refuse } } };
  // A run that ends between the regions; home comes first, so that what home lacks is what it has lost.
  const died = lacking === 'replica' ? broken : { home: buckets.replica, replica: broken.home };
  await expect(escrowVersion({ key, secretVersion, run: runOf(1) }, { ...world.escrowPorts(), buckets: died })).rejects.toBeInstanceOf(
    AccessRefused,
  );
  const { envelopes } = await older(key, 2);
  expect(envelopes.map(({ place, copy }) => [place, copy === true])).toEqual(
    lacking === 'replica'
      ? [
          ['vault', false],
          ['replica', true],
        ]
      : [
          ['vault', true],
          ['replica', false],
        ],
  );
  for (const one of envelopes) {
    if (one.copy) await copyEnvelope(CopyEnvelopeRequest.parse(one), world.escrowPorts());
    await readBack(one, world.readBackPorts());
  }
  const fingerprint = envelopes[0]?.fingerprint ?? '';
  for (const at of [HOME, REPLICA]) expect(isRecoverable((await stateAt(at, key, fingerprint))!)).toBe(true);
  const bytes = await Promise.all(
    [HOME, REPLICA].map(async (at) => (await world.bucket(at).reader.get({ key: world.envelopeKeyOf(key, fingerprint) }))?.body),
  );
  expect(Buffer.from(bytes[0]!).equals(Buffer.from(bytes[1]!))).toBe(true);
  // Another try finds what the one before it brought.
  await copyEnvelope({ key, fingerprint, run: runOf(2), place: lacking, copy: true }, world.escrowPorts());
  expect(await Array.fromAsync(world.bucket(region).reader.listVersions(world.envelopeKeyOf(key, fingerprint)))).toHaveLength(1);
});

test('one that neither region has is not copied, and that is an error', async () => {
  const request = { key: 'none', fingerprint: 'ab'.repeat(32), run: runOf(1), place: 'replica', copy: true } as const;
  await expect(copyEnvelope(request, world.escrowPorts())).rejects.toMatchObject({ reason: 'envelope-missing' });
});

test('those that the present keys did not seal are opened by every run from the day on which an alias is moved', async () => {
  const left = await keyInSource(world, 'wallet');
  const { fingerprint } = await left.escrow(10);
  for (const place of PLACES) await left.look(place, fingerprint, 10);
  delete world.keys['wallet'];
  expect(await older('wallet', 11)).toMatchObject({ envelopes: [], recent: 1 });
  const kms = world.kms()(HOME);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const alias = { AliasName: keyAlias(world.system, 'escrow') };
  await kms.send(new UpdateAliasCommand({ ...alias, TargetKeyId: KeyMetadata?.KeyId }));
  for (const day of [11, 12]) {
    const { envelopes, recent } = await older('wallet', day);
    expect({ places: envelopes.map(({ place }) => place), recent }).toEqual({ places: [...PLACES], recent: 0 });
    await expect(readBack(envelopes[0]!, world.readBackPorts())).rejects.toMatchObject({ reason: 'other-key' });
    // The second region's alias names what it named before.
    await readBack(envelopes[1]!, world.readBackPorts());
  }
  await kms.send(new UpdateAliasCommand({ ...alias, TargetKeyId: world.escrowKeyArns[HOME] }));
  for (const one of (await older('wallet', 13)).envelopes) await readBack(one, world.readBackPorts());
  expect(await older('wallet', 14)).toMatchObject({ envelopes: [], recent: 1 });
});
