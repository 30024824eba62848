/** A version that Secrets Manager made for a rotation, which has given it no value yet, or was refused. */
import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { keySource } from '../../../adapters/escrow/key-source.ts';
import { listEscrow, listKey } from '../../../adapters/escrow/list-escrow.ts';
import type { KeyVersion, VersionLabel, VersionWithoutValue } from '../../../core/escrow/contract.ts';
import { findObstacles } from '../../../core/escrow/guard.ts';
import { escrowWhatIsThere } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { faultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { askGuardOf } from './ask-guard.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

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
/** A run of one key: every version that is listed, and what is in escrow then opened in both regions. Returns what there was no value of. */
const runOf = async (key: string, ports = world.escrowPorts()) => {
  const { versions, run } = await listVersions({ input: { key }, ...EXECUTION }, world.listPorts());
  const withoutValue: VersionWithoutValue[] = [];
  for (const version of versions) {
    const made = await escrowWhatIsThere(version, ports);
    if (!('fingerprint' in made)) withoutValue.push(made);
    else for (const place of ['vault', 'replica'] as const) await readBack({ ...made, run, place }, world.readBackPorts());
  }
  return { versions, withoutValue };
};
const escrowKey = async (key: string) => (await runOf(key)).versions;
const askGuard = (key: string) => askGuardOf(world, key, new Date('2026-11-21T12:00:00Z'));
const notedIn = async (region: string, key: string) => {
  const all = await Array.fromAsync(world.bucket(region).reader.listVersions(`${world.system}/${key}/`));
  return all.map((one) => one.key.slice(`${world.system}/${key}/`.length)).filter((name) => !name.includes('/'));
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
    const states = [...(await listEscrow(world.bucket(HOME).reader, world.system, 'begun', AFTER_ALL_RUNS)).values()];
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
    const escrowAll = () => escrowKey('cancelled');
    const ask = () => askGuard('cancelled');
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

  test('is not noted while it is pending: it is given a value, which may be replaced before any run sees it', async () => {
    await beginRotation('slow');
    const { current, pending } = await listed('slow');
    await escrowWhatIsThere(current!, world.escrowPorts());
    await escrowWhatIsThere(pending!, world.escrowPorts());
    // Listed as old, and taken up again by its rotation since.
    expect(await escrowWhatIsThere({ ...pending!, label: 'old' }, { ...world.escrowPorts(), source: withoutValues() })).toEqual({
      key: 'slow',
      secretVersion: pending?.secretVersion,
    });
    for (const region of [HOME, REPLICA]) {
      const { empty } = await listKey(world.bucket(region, world.roles.dump).reader, world.system, 'slow', AFTER_ALL_RUNS);
      expect([...empty]).toEqual([]);
    }
    const versions = [
      { id: current?.secretVersion ?? '', label: 'current' as const },
      { id: pending?.secretVersion ?? '', label: 'old' as const },
    ];
    const { states, empty } = await listKey(world.bucket(HOME).reader, world.system, 'slow', AFTER_ALL_RUNS);
    expect(findObstacles({ key: 'slow', versions, places: [{ name: HOME, states, empty }], limitSeconds: 1 }, new Date())).toContainEqual(
      `An earlier version of slow (${pending?.secretVersion}) is not in escrow in ${HOME}`,
    );
  });

  test('an old version whose value was in escrow and is gone from its source is a failure, and so is one that is no longer listed', async () => {
    world.keys['gone'] = { secret: `${world.system}/gone` };
    const first = await world.putSecret('gone', randomBytes(32).toString('hex'));
    await world.putSecret('gone', randomBytes(32).toString('hex'));
    const version = { key: 'gone', secretVersion: first, run: '20261121T020000Z-abcdef', label: 'old' as const };
    await escrowWhatIsThere(version, world.escrowPorts());
    const ports = { ...world.escrowPorts(), source: withoutValues() };
    await expect(escrowWhatIsThere(version, ports)).rejects.toMatchObject({ reason: 'version-missing' });
    const unlisted = { ...version, secretVersion: '00000000-0000-4000-8000-000000000000' };
    await expect(escrowWhatIsThere(unlisted, world.escrowPorts())).rejects.toMatchObject({ reason: 'version-missing' });
    const { empty } = await listKey(world.bucket(HOME).reader, world.system, 'gone', AFTER_ALL_RUNS);
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

describe('an earlier version', () => {
  test.each([
    ['without the field of the plan', { DB: 'x' }],
    ['with nothing in the field', { DB: 'x', ENCRYPTION_KEY: '' }],
    ['with a number in it', { DB: 'x', ENCRYPTION_KEY: 7 }],
  ])('%s ends its round as holding no value of the key, and keeps no rotation from being made', async (what, first) => {
    const key = `config-${what.length}`;
    world.keys[key] = { secret: `${world.system}/${key}`, field: 'ENCRYPTION_KEY' };
    const old = await world.putSecret(key, JSON.stringify(first));
    const now = await world.putSecret(key, JSON.stringify({ DB: 'x', ENCRYPTION_KEY: randomBytes(32).toString('hex') }));
    await expect(askGuard(key)).rejects.toMatchObject({ failure: 'RotationRefused' });
    const { withoutValue } = await runOf(key);
    expect(withoutValue).toEqual([{ key, secretVersion: old, why: 'keyless' }]);
    expect(await askGuard(key)).toMatchObject({ allowed: true });
    for (const region of [HOME, REPLICA]) expect(await notedIn(region, key)).toEqual([`keyless-${old}.json`]);
    // Again, and nothing is written; it is no rotation that went around the guard either.
    expect((await runOf(key)).withoutValue).toEqual(withoutValue);
    expect(await notedIn(HOME, key)).toHaveLength(1);
    expect([...(await listEscrow(world.bucket(HOME).reader, world.system, key, AFTER_ALL_RUNS)).values()]).toMatchObject([
      { secretVersions: [now], unguardedRun: undefined },
    ]);
  });

  test('of a parameter is told as well', async () => {
    world.keys['text'] = { parameter: `/${world.system}/text`, field: 'ENCRYPTION_KEY' };
    await world.putParameter('text', 'no JSON at all');
    await world.putParameter('text', JSON.stringify({ ENCRYPTION_KEY: randomBytes(32).toString('hex') }));
    const { withoutValue } = await runOf('text');
    expect(withoutValue).toEqual([{ key: 'text', secretVersion: expect.stringMatching(/^1@/) as string, why: 'keyless' }]);
    expect(await askGuard('text')).toMatchObject({ allowed: true });
  });

  test('that is in use, or that a rotation prepares, stays a failure without the field', async () => {
    world.keys['wrong'] = { secret: `${world.system}/wrong`, field: 'ENCRYPTION_KEY' };
    await world.putSecret('wrong', JSON.stringify({ DB: 'x' }));
    await world.putSecret('wrong', JSON.stringify({ DB: 'y' }), ['AWSPENDING']);
    for (const version of Object.values(await listed('wrong')))
      for (const label of [version.label, 'old' as const])
        await expect(escrowWhatIsThere({ ...version, label }, world.escrowPorts())).rejects.toMatchObject({ failure: 'KeyNotInSecret' });
    expect(await notedIn(HOME, 'wrong')).toEqual([]);
  });

  test('whose value is in escrow under a field of before is no failure, and is not noted', async () => {
    world.keys['renamed'] = { secret: `${world.system}/renamed`, field: 'OLD' };
    const old = await world.putSecret('renamed', JSON.stringify({ OLD: 'value' }));
    await runOf('renamed');
    world.keys['renamed'] = { secret: `${world.system}/renamed`, field: 'NEW' };
    await world.putSecret('renamed', JSON.stringify({ NEW: 'value' }));
    expect((await runOf('renamed')).withoutValue).toEqual([{ key: 'renamed', secretVersion: old, why: 'keyless' }]);
    expect(await notedIn(HOME, 'renamed')).toEqual([]);
  });

  test('that nobody can decrypt is told as that, and does not stand in the way; one in use does', async () => {
    world.keys['sealed'] = { secret: `${world.system}/sealed` };
    const old = await world.putSecret('sealed', randomBytes(32).toString('hex'));
    await world.putSecret('sealed', randomBytes(32).toString('hex'));
    proxy.rules.length = 0;
    const matches = ({ headers }: { headers: Record<string, unknown> }) => headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
    proxy.rules.push({ matches, fault: { kind: 'answer', status: 400, code: 'DecryptionFailure' }, times: Infinity });
    const source = keySource({ region: HOME, endpointUrl: proxy.endpointUrl, credentials: world.roles.escrowVersion });
    const version = { key: 'sealed', secretVersion: old, run: '20261121T020000Z-abcdef', label: 'old' as const };
    const told = { key: 'sealed', secretVersion: old, why: 'undecryptable' };
    expect(await escrowWhatIsThere(version, { ...world.escrowPorts(), source })).toEqual(told);
    for (const region of [HOME, REPLICA]) expect(await notedIn(region, 'sealed')).toEqual([`undecryptable-${old}.json`]);
    await expect(escrowWhatIsThere({ ...version, label: 'current' }, { ...world.escrowPorts(), source })).rejects.toMatchObject({
      reason: 'undecryptable',
    });
    // Its KMS key is back: it goes into escrow as any other.
    expect(await escrowWhatIsThere(version, world.escrowPorts())).toMatchObject({ created: true });
  });
});
