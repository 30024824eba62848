/** A version that Secrets Manager made for a rotation, which has given it no value yet, or was refused. */
import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { keySource } from '../../../adapters/escrow/key-source.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import type { KeyVersion, VersionLabel } from '../../../core/escrow/contract.ts';
import { escrowWhatIsThere } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { faultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { HOME, makeEscrowWorld, type EscrowWorld } from './escrow-world.ts';

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
    for (const version of [current!, { ...pending!, label: 'old' as const }, { ...pending!, label: undefined }])
      await expect(escrowWhatIsThere(version, ports)).rejects.toMatchObject({ failure: 'KeySourceUnavailable', reason: 'version-missing' });
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
