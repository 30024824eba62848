/** KMS that is throttled or refuses, and a secret that goes in the middle of a run: each its own error, and nothing lost. */
import { randomBytes } from 'node:crypto';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { envelopeOpener, envelopeSealer } from '../../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients } from '../../../adapters/escrow/kms-key.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { FAILURES, type FailureName } from '../../../core/failure/classes.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { faultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

sampleTests('faults of KMS in an escrow', 0.12);

let world: EscrowWorld;
let proxy: FaultProxy;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  proxy = await faultProxy(inject('emulator'));
});
afterAll(() => proxy.close());

const throughProxy = (credentials: EscrowWorld['roles']['readBack']) => kmsClients({ endpointUrl: proxy.endpointUrl, credentials });
const failing = (call: string, code: string, times: number) => {
  proxy.rules.length = 0;
  const status = code === 'AccessDenied' ? 403 : 400;
  const matches = ({ headers }: { headers: Record<string, unknown> }) => headers['x-amz-target'] === `TrentService.${call}`;
  proxy.rules.push({ matches, fault: { kind: 'answer', status, code }, times });
};
async function prepare(key: string) {
  const secretVersion = await world.putSecret(key, randomBytes(32).toString('hex'));
  world.keys[key] = { secret: `${world.system}/${key}` };
  return { key, secretVersion, run: '20261121T020000Z-abc123' };
}
const sealing = () => {
  const kms = throughProxy(world.roles.escrowVersion);
  return {
    ...world.escrowPorts(),
    fingerprinter: kmsFingerprinter(kms(HOME), world.fingerprintKeyArn(HOME)),
    sealer: envelopeSealer(kms, [world.escrowAliasArn(HOME), world.escrowAliasArn(REPLICA)]),
  };
};
const opening = () => {
  const ports = world.readBackPorts();
  const opener = envelopeOpener(throughProxy(world.roles.readBack), world.escrowAliasArn(HOME));
  return { ...ports, places: { ...ports.places, vault: { ...ports.places.vault, opener } } };
};
const isRetryable = (failure: FailureName) => FAILURES[failure].isRetryable;

test.each(['GenerateMac', 'GenerateDataKey', 'Encrypt'])('%s that is throttled once is asked again', async (call) => {
  const version = await prepare(`once-${call.toLowerCase()}`);
  failing(call, 'Throttling', 1);
  const before = proxy.applied();
  expect(await escrowVersion(version, sealing())).toMatchObject({ created: true });
  expect(proxy.applied()).toBe(before + 1);
});

test.each(['GenerateMac', 'GenerateDataKey', 'Encrypt'])(
  '%s that stays throttled can be tried again later, and leaves no envelope',
  async (call) => {
    const version = await prepare(`throttled-${call.toLowerCase()}`);
    failing(call, 'Throttling', 100);
    await expect(escrowVersion(version, sealing())).rejects.toMatchObject({ failure: 'VaultUnavailable' });
    expect(isRetryable('VaultUnavailable')).toBe(true);
    expect((await listEscrow(world.bucket(HOME).reader, world.system, version.key, AFTER_ALL_RUNS)).size).toBe(0);
    proxy.rules.length = 0;
    expect(await escrowVersion(version, sealing())).toMatchObject({ created: true });
  },
);

test.each([
  ['Throttling', 'VaultUnavailable', true],
  ['AccessDenied', 'VaultRefused', false],
] as const)('an envelope that %s keeps from being opened is not said to be lost', async (code, failure, canRetry) => {
  const version = await prepare(`opening-${code.toLowerCase()}`);
  proxy.rules.length = 0;
  const { fingerprint } = await escrowVersion(version, sealing());
  const asked = { key: version.key, fingerprint, run: version.run, place: 'vault' as const };
  failing('Decrypt', code, 100);
  await expect(readBack(asked, opening())).rejects.toMatchObject({ failure });
  expect(isRetryable(failure)).toBe(canRetry);
  const stateOf = async () => (await listEscrow(world.bucket(HOME).reader, world.system, version.key, AFTER_ALL_RUNS)).get(fingerprint)!;
  expect(await stateOf()).toMatchObject({ lostRun: undefined, readBackRun: undefined });
  proxy.rules.length = 0;
  await readBack(asked, opening());
  expect(isRecoverable(await stateOf())).toBe(true);
});

test('a fingerprint key that is refused keeps no envelope from the other region, nor says that one is lost', async () => {
  const version = await prepare('mac-refused');
  proxy.rules.length = 0;
  const { fingerprint } = await escrowVersion(version, sealing());
  failing('GenerateMac', 'Disabled', 100);
  const ports = opening();
  const fingerprinter = kmsFingerprinter(throughProxy(world.roles.readBack)(HOME), world.fingerprintKeyArn(HOME));
  const asked = { key: version.key, fingerprint, run: version.run, place: 'vault' as const };
  await expect(readBack(asked, { ...ports, fingerprinter })).rejects.toMatchObject({ failure: 'VaultRefused' });
  expect((await listEscrow(world.bucket(HOME).reader, world.system, version.key, AFTER_ALL_RUNS)).get(fingerprint)).toMatchObject({
    lostRun: undefined,
  });
  proxy.rules.length = 0;
  const context = envelopeContext(world.system, version.key);
  expect(context['holdfast:key']).toBe(version.key);
});

test('a secret that is deleted between the listing and its turn is named, and what was in escrow stays', async () => {
  const version = await prepare('mid-run');
  proxy.rules.length = 0;
  const { fingerprint } = await escrowVersion(version, world.escrowPorts());
  const second = await world.putSecret('mid-run', randomBytes(32).toString('hex'));
  const request = { input: { key: 'mid-run' }, execution: 'arn:e', startedAt: '2026-11-21T02:00:00Z' };
  const { versions } = await listVersions(request, world.listPorts());
  expect(versions.map(({ secretVersion }) => secretVersion)).toContain(second);
  await world.secrets.send(new DeleteSecretCommand({ SecretId: `${world.system}/mid-run`, ForceDeleteWithoutRecovery: true }));
  for (const one of versions) {
    const turn = escrowVersion(one, world.escrowPorts());
    await expect(turn).rejects.toMatchObject({ failure: 'KeySourceUnavailable' });
    await expect(turn).rejects.toThrow(new RegExp(`secret '${world.system}/mid-run'`));
  }
  await readBack({ key: 'mid-run', fingerprint, run: version.run, place: 'replica' }, world.readBackPorts());
});
