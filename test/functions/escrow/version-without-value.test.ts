/** A version that Secrets Manager made for a rotation, which has given it no value yet, or was refused. */
import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { keySource } from '../../../adapters/escrow/key-source.ts';
import { listEscrow, listKey } from '../../../adapters/escrow/list-escrow.ts';
import type { KeyVersion, VersionLabel } from '../../../core/escrow/contract.ts';
import { escrowWhatIsThere } from '../../../functions/escrow/escrow-version.ts';
import { guardRotation } from '../../../functions/escrow/guard-rotation.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { faultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const EXECUTION = { execution: 'arn:run', startedAt: '2026-11-21T02:00:00Z' };
let world: EscrowWorld;
let proxy: FaultProxy;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  proxy = await faultProxy(inject('emulator'));
});
afterAll(() => proxy.close());

/** By label: the order of a listing says nothing. */
const listed = async (key: string) => {
  const { versions } = await listVersions({ input: { key }, ...EXECUTION }, world.listPorts());
  expect(new Set(versions.map(({ label }) => label))).toEqual(new Set(['current', 'pending']));
  return Object.fromEntries(versions.map((version) => [version.label, version])) as Partial<Record<VersionLabel, KeyVersion>>;
};
/** A secret with a value, and the version that a rotation has begun. */
const beginRotation = async (key: string) => {
  world.keys[key] = { secret: `${world.system}/${key}` };
  await world.putSecret(key, randomBytes(32).toString('hex'));
  await world.secrets.send(new PutSecretValueCommand({ SecretId: `${world.system}/${key}`, VersionStages: ['AWSPENDING'] }));
};
/** Secrets Manager, which says of a version without a value that it is not there. */
const withoutValues = () => {
  proxy.rules.length = 0;
  const matches = ({ headers }: { headers: Record<string, unknown> }) => headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
  proxy.rules.push({ matches, fault: { kind: 'answer', status: 400, code: 'ResourceNotFound' }, times: Infinity });
  return keySource({ region: HOME, endpointUrl: proxy.endpointUrl, credentials: world.roles.escrowVersion });
};

describe('a version that a rotation has begun', () => {
  test('and given no value is no failure, and nothing of it is in escrow', async () => {
    await beginRotation('begun');
    const { current, pending } = await listed('begun');
    expect(await escrowWhatIsThere(pending!, world.escrowPorts())).toEqual({ key: 'begun', secretVersion: pending?.secretVersion });
    expect(await escrowWhatIsThere(current!, world.escrowPorts())).toMatchObject({ created: true });
    const states = [...(await listEscrow(world.bucket(HOME).reader, world.system, 'begun')).values()];
    expect(states.map(({ secretVersions }) => secretVersions)).toEqual([[current?.secretVersion]]);
  });

  test('is known by what Secrets Manager says of it, and one that is not pending stays a failure', async () => {
    await beginRotation('answered');
    const { current, pending } = await listed('answered');
    const ports = { ...world.escrowPorts(), source: withoutValues() };
    expect(await escrowWhatIsThere(pending!, ports)).toEqual({ key: 'answered', secretVersion: pending?.secretVersion });
    for (const version of [current!, { ...pending!, label: undefined }])
      await expect(escrowWhatIsThere(version, ports)).rejects.toMatchObject({ failure: 'KeySourceUnavailable', reason: 'version-missing' });
  });

  test('and that was cancelled, as AWS says, is no failure for good, and keeps no rotation from being made', async () => {
    const SecretId = `${world.system}/cancelled`;
    await beginRotation('cancelled');
    const { current, pending } = await listed('cancelled');
    const escrowAll = async () => {
      const { versions, run } = await listVersions({ input: { key: 'cancelled' }, ...EXECUTION }, world.listPorts());
      for (const version of versions) {
        const made = await escrowWhatIsThere(version, world.escrowPorts());
        if (!('fingerprint' in made)) continue;
        for (const place of ['vault', 'replica'] as const) await readBack({ ...made, run, place }, world.readBackPorts());
      }
      return versions;
    };
    const ask = () =>
      guardRotation(
        { key: 'cancelled' },
        {
          system: world.system,
          source: world.listPorts().source,
          keys: world.keys,
          guarded: { cancelled: { limitSeconds: 90_000 } },
          places: [HOME, REPLICA].map((region) => ({ name: region, escrow: world.bucket(region, world.roles.dump).reader })),
          rotate: () => Promise.resolve(),
          now: () => new Date('2026-11-21T12:00:00Z'),
        },
      );
    const cancel = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: pending?.secretVersion };
    await world.secrets.send(new UpdateSecretVersionStageCommand(cancel));
    await expect(ask()).rejects.toMatchObject({ failure: 'RotationRefused' });
    expect((await escrowAll()).map(({ secretVersion, label }) => [secretVersion, label])).toEqual(
      expect.arrayContaining([
        [current?.secretVersion, 'current'],
        [pending?.secretVersion, 'old'],
      ]),
    );
    expect(await ask()).toMatchObject({ allowed: true });
    const facts = [HOME, REPLICA].map((region) =>
      Array.fromAsync(world.bucket(region).reader.listVersions(`${world.system}/cancelled/empty-`)),
    );
    for (const found of await Promise.all(facts))
      expect(found.map(({ key }) => key)).toEqual([`${world.system}/cancelled/empty-${pending?.secretVersion}.json`]);
    // Once more, and nothing is written.
    await escrowAll();
    for (const region of [HOME, REPLICA])
      expect(await Array.fromAsync(world.bucket(region).reader.listVersions(`${world.system}/cancelled/empty-`))).toHaveLength(1);
  });

  test('is known to the guard already while it was pending, when its rotation is cancelled after that', async () => {
    await beginRotation('refused');
    const { pending } = await listed('refused');
    await escrowWhatIsThere(pending!, world.escrowPorts());
    for (const region of [HOME, REPLICA]) {
      const { empty } = await listKey(world.bucket(region, world.roles.dump).reader, world.system, 'refused');
      expect([...empty]).toEqual([pending?.secretVersion]);
    }
  });

  test('an old version whose value was in escrow and is gone from its source is a failure, and so is one that is no longer listed', async () => {
    world.keys['gone'] = { secret: `${world.system}/gone` };
    const first = await world.putSecret('gone', randomBytes(32).toString('hex'));
    await world.putSecret('gone', randomBytes(32).toString('hex'));
    const version = { key: 'gone', secretVersion: first, run: 'r', label: 'old' as const };
    await escrowWhatIsThere(version, world.escrowPorts());
    const ports = { ...world.escrowPorts(), source: withoutValues() };
    await expect(escrowWhatIsThere(version, ports)).rejects.toMatchObject({ reason: 'version-missing' });
    const unlisted = { ...version, secretVersion: '00000000-0000-4000-8000-000000000000' };
    await expect(escrowWhatIsThere(unlisted, world.escrowPorts())).rejects.toMatchObject({ reason: 'version-missing' });
    const { empty } = await listKey(world.bucket(HOME).reader, world.system, 'gone');
    expect([...empty]).toEqual([]);
  });

  test('is escrowed as soon as it has a value', async () => {
    world.keys['given'] = { secret: `${world.system}/given` };
    await world.putSecret('given', randomBytes(32).toString('hex'));
    await world.putSecret('given', randomBytes(32).toString('hex'), ['AWSPENDING']);
    for (const version of Object.values(await listed('given')))
      expect(await escrowWhatIsThere(version, world.escrowPorts())).toMatchObject({ created: true });
  });

  test('in a secret that has no value at all is nothing that stands for the key', async () => {
    world.keys['empty'] = { secret: `${world.system}/empty` };
    const source = {
      ...world.listPorts().source,
      async *listVersions() {
        yield { id: 'begun', label: 'pending' as const };
      },
    };
    const { versions } = await listVersions({ input: { key: 'empty' }, ...EXECUTION }, { ...world.listPorts(), source });
    expect(versions).toMatchObject([{ secretVersion: '', problem: { reason: 'version-missing' } }]);
  });
});
