/** Parameters beside secrets, rotations that were made too fast, values that their sources no longer have, and locks for ever. */
import { randomBytes } from 'node:crypto';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { isRecoverable } from '../../../core/escrow/key-state.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listOlder } from '../../../functions/escrow/list-older.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { renewLocks } from '../../../functions/escrow/renew-locks.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

/** A run of the machine for one key, as its steps follow each other. Each run is a minute later than the one before. */
let minute = 0;
async function runEscrow(key: string) {
  const startedAt = new Date(Date.UTC(2026, 10, 21, 2, ++minute)).toISOString();
  const { run, versions } = await listVersions({ input: { key }, execution: `arn:run-${minute}`, startedAt }, world.listPorts());
  const escrowed = [];
  for (const version of versions) {
    const one = await escrowVersion(version, world.escrowPorts());
    for (const place of ['vault', 'replica'] as const) await readBack({ ...one, place }, world.readBackPorts());
    escrowed.push(one);
  }
  return { run, versions, escrowed };
}
const statesAt = (region: string, key: string) => listEscrow(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS);
const valueOf = async (key: string, fingerprint: string, region = HOME) => {
  const credentials = world.roles.readBack;
  const escrowKeyArn = world.escrowAliasArn(region);
  const opener = envelopeOpener(world.kms(credentials), escrowKeyArn);
  const { reader } = world.bucket(region, credentials);
  return Buffer.from(await openEscrowedKey({ now: AFTER_ALL_RUNS, reader, escrowKeyArn, opener, system: world.system, key, fingerprint }));
};
const hex = () => randomBytes(32).toString('hex');

describe('a parameter', () => {
  test('has all of its versions escrowed, the last as the current one, and a field of it like that of a secret', async () => {
    const values = [hex(), hex(), hex()];
    for (const value of values) await world.putParameter('versions', JSON.stringify({ KEY: value }));
    world.keys['parameter'] = { parameter: `/${world.system}/versions`, field: 'KEY' };
    const { versions, escrowed } = await runEscrow('parameter');
    expect(versions.map(({ secretVersion }) => secretVersion.split('@')[0])).toEqual(['1', '2', '3']);
    for (const region of [HOME, REPLICA]) {
      const opened = [];
      for (const { fingerprint } of escrowed) opened.push((await valueOf('parameter', fingerprint, region)).toString());
      expect(opened).toEqual(values);
      const current = [...(await statesAt(region, 'parameter')).values()].filter(({ currentRun }) => currentRun !== undefined);
      expect(current.map(({ fingerprint }) => fingerprint)).toEqual([escrowed[2]?.fingerprint]);
    }
  });

  test('with the same value again makes no new envelope, and both versions are known to hold it', async () => {
    const value = hex();
    world.keys['same'] = { parameter: `/${world.system}/same` };
    for (let i = 0; i < 2; i++) await world.putParameter('same', value);
    const { escrowed } = await runEscrow('same');
    expect(escrowed.map(({ created }) => created)).toEqual([true, false]);
    expect([...(await statesAt(HOME, 'same')).values()].map(({ secretVersions }) => secretVersions.length)).toEqual([2]);
  });

  test('that was deleted and made again has other versions, though their numbers are the same', async () => {
    world.keys['again'] = { parameter: `/${world.system}/again` };
    await world.putParameter('again', hex());
    const first = await runEscrow('again');
    await world.parameters.send(new DeleteParameterCommand({ Name: `/${world.system}/again` }));
    await world.putParameter('again', hex());
    const second = await runEscrow('again');
    const ids = [...first.versions, ...second.versions].map(({ secretVersion }) => secretVersion);
    expect(new Set(ids).size).toBe(ids.length);
    await expect(escrowVersion(first.versions[0]!, world.escrowPorts())).rejects.toMatchObject({ reason: 'version-missing' });
  });
});

describe('a value of 64 KiB, and one of any bytes', () => {
  test('go into escrow and come out as they were', async () => {
    const large = 'x'.repeat(65_536);
    const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    for (const [key, value] of [
      ['large', large],
      ['binary', binary],
    ] as const) {
      await world.putSecret(key, value);
      world.keys[key] = { secret: `${world.system}/${key}` };
      const { escrowed } = await runEscrow(key);
      expect(Buffer.compare(await valueOf(key, escrowed[0]!.fingerprint, REPLICA), Buffer.from(value))).toBe(0);
    }
  });
});

describe('a rotation', () => {
  test('that replaced a version before it was in escrow is found once, and the version still taken up', async () => {
    world.keys['hasty'] = { secret: `${world.system}/hasty` };
    await world.putSecret('hasty', hex());
    await runEscrow('hasty');
    const skipped = await world.putSecret('hasty', hex());
    await world.putSecret('hasty', hex());
    const { versions, run } = await runEscrow('hasty');
    expect(versions.flatMap(({ secretVersion, isUnguarded }) => (isUnguarded ? [secretVersion] : []))).toEqual([skipped]);
    const found = [...(await statesAt(REPLICA, 'hasty')).values()].filter(({ unguardedRun }) => unguardedRun !== undefined);
    expect(found).toMatchObject([{ secretVersions: [skipped], unguardedRun: run }]);
    expect(isRecoverable(found[0]!)).toBe(true);
    expect((await runEscrow('hasty')).versions.some(({ isUnguarded }) => isUnguarded)).toBe(false);
  });

  test('of another field of the same secret, twice between two runs, went around nothing', async () => {
    const [mine, other] = [hex(), hex()];
    const put = (A: string, B: string) => world.putSecret('shared', JSON.stringify({ A, B }));
    for (const field of ['A', 'B']) world.keys[`shared-${field}`] = { secret: `${world.system}/shared`, field };
    await put(mine, other);
    for (const field of ['A', 'B']) await runEscrow(`shared-${field}`);
    const skipped = await put(mine, hex());
    const now = await put(mine, hex());
    const { versions } = await runEscrow('shared-A');
    expect(versions.flatMap(({ secretVersion, isUnguarded }) => (isUnguarded ? [secretVersion] : []))).toEqual([skipped]);
    for (const region of [HOME, REPLICA]) {
      const states = [...(await statesAt(region, 'shared-A')).values()];
      expect(states).toMatchObject([{ unguardedRun: undefined }]);
      expect(states[0]?.secretVersions).toEqual(expect.arrayContaining([skipped, now]));
    }
    // Of the field that did change it is told.
    const { run } = await runEscrow('shared-B');
    expect([...(await statesAt(HOME, 'shared-B')).values()].filter(({ unguardedRun }) => unguardedRun === run)).toMatchObject([
      { secretVersions: [skipped] },
    ]);
  });

  test('while others run leaves every value that one of them saw in escrow, each once', async () => {
    world.keys['busy'] = { secret: `${world.system}/busy` };
    await world.putSecret('busy', hex());
    const rotations = (async () => {
      for (let i = 0; i < 2; i++) await world.putSecret('busy', hex());
    })();
    const runs = await Promise.allSettled(Array.from({ length: 3 }, () => runEscrow('busy')));
    await rotations;
    const last = await runEscrow('busy');
    // A version may go while a run has only its id: that is said, and the others are escrowed.
    for (const run of runs) if (run.status === 'rejected') expect(run.reason).toMatchObject({ reason: 'version-missing' });
    const escrowed = [...runs.flatMap((run) => (run.status === 'fulfilled' ? run.value.escrowed : [])), ...last.escrowed];
    const states = await statesAt(HOME, 'busy');
    for (const { fingerprint } of escrowed) expect(isRecoverable(states.get(fingerprint)!)).toBe(true);
    expect([...states.values()].flatMap(({ secretVersions }) => secretVersions)).toEqual(
      expect.arrayContaining(last.versions.map(({ secretVersion }) => secretVersion)),
    );
    for (const fingerprint of states.keys())
      expect(escrowed.filter((one) => one.fingerprint === fingerprint && one.created).length).toBeLessThanOrEqual(1);
  });
});

describe('a value whose source is gone', () => {
  const older = (key: string, opened: string[] = []) =>
    listOlder({ run: '20261121T020000Z-abcdef', keys: [key], opened }, world.olderPorts());

  test('is listed to be opened all the same, and opens', async () => {
    world.keys['dropped'] = { secret: `${world.system}/dropped` };
    await world.putSecret('dropped', hex());
    const { escrowed } = await runEscrow('dropped');
    const { fingerprint } = escrowed[0]!;
    expect((await older('dropped', [fingerprint])).envelopes).toEqual([]);
    await world.secrets.send(new DeleteSecretCommand({ SecretId: `${world.system}/dropped`, ForceDeleteWithoutRecovery: true }));
    const { versions } = await listVersions(
      { input: { key: 'dropped' }, execution: 'arn:x', startedAt: '2026-11-21T03:00:00Z' },
      world.listPorts(),
    );
    expect(versions).toMatchObject([{ problem: { reason: 'secret-missing' } }]);
    const { envelopes } = await older('dropped');
    expect(envelopes.map(({ place }) => place)).toEqual(['vault', 'replica']);
    for (const envelope of envelopes) await readBack({ ...envelope, run: '20261121T030000Z-abcdef' }, world.readBackPorts());
  });

  test('and whose KMS key is disabled is lost at home, and not in the second region', async () => {
    world.keys['shut'] = { secret: `${world.system}/shut` };
    await world.putSecret('shut', hex());
    const { escrowed } = await runEscrow('shut');
    const { fingerprint } = escrowed[0]!;
    const kms = world.kms()(HOME);
    await kms.send(new DisableKeyCommand({ KeyId: world.escrowKeyArns[HOME] }));
    const run = '20261121T040000Z-abcdef';
    const asked = { key: 'shut', fingerprint, run };
    await expect(readBack({ ...asked, place: 'vault' }, world.readBackPorts())).rejects.toMatchObject({ reason: 'key-disabled' });
    await readBack({ ...asked, place: 'replica' }, world.readBackPorts());
    const stateAt = async (region: string) => (await statesAt(region, 'shut')).get(fingerprint)!;
    expect([isRecoverable(await stateAt(HOME)), isRecoverable(await stateAt(REPLICA))]).toEqual([false, true]);
    expect((await stateAt(HOME)).lostRun).toBe(run);
    await kms.send(new EnableKeyCommand({ KeyId: world.escrowKeyArns[HOME] }));
    await readBack({ ...asked, run: '20261121T050000Z-abcdef', place: 'vault' }, world.readBackPorts());
    expect(isRecoverable(await stateAt(HOME))).toBe(true);
  });

  test('of which nobody found out is not said to be lost', async () => {
    world.keys['refused'] = { secret: `${world.system}/refused` };
    await world.putSecret('refused', hex());
    const { escrowed } = await runEscrow('refused');
    const asked = { ...escrowed[0]!, run: '20261121T060000Z-abcdef', place: 'vault' as const };
    await expect(readBack(asked, world.readBackPorts(world.roles.stranger))).rejects.toMatchObject({ failure: 'VaultRefused' });
    expect((await statesAt(HOME, 'refused')).get(asked.fingerprint)?.lostRun).toBeUndefined();
  });
});

test('locks of what is kept for ever are renewed in both regions, once', async () => {
  world.keys['kept'] = { secret: `${world.system}/kept` };
  await world.putSecret('kept', hex());
  await runEscrow('kept');
  const places = [HOME, REPLICA].map((region) => {
    const { reader, locker } = world.bucket(region);
    return { ...reader, ...locker };
  });
  const ports = { system: world.system, keys: world.keys, places, now: () => new Date() };
  // The envelope and what names its version; the buckets here lock for 30 days.
  expect(await renewLocks({ input: { key: 'kept' } }, ports)).toEqual({ renewed: 4 });
  expect(await renewLocks({ input: { key: 'kept' } }, ports)).toEqual({ renewed: 0 });
  for (const place of places)
    for await (const { key, versionId } of place.listVersions(`${world.system}/kept/`)) {
      const head = await place.head({ key, versionId });
      const days = (head!.lockedUntil!.getTime() - Date.now()) / 86_400_000;
      expect(days > 700, key).toBe(/envelope-|version-/.test(key));
      expect(head?.lockMode).toBe('compliance');
    }
});
