import { createHash, randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { secretSource } from '../../../adapters/escrow/secret-source.ts';
import { selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import type { EscrowedVersion, KeyVersion } from '../../../core/escrow/contract.ts';
import { ReadBackFact } from '../../../core/escrow/facts.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { escrowFactKey } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const EXECUTION = 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:1';
const startedAt = '2026-11-21T02:00:00Z';
const KEY = 'wallet-key';
const VALUES = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];

let world: EscrowWorld;
let run: string;
let versions: KeyVersion[];
const escrowed: EscrowedVersion[] = [];

beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  for (const value of VALUES) await world.putSecret('wallet', JSON.stringify({ WALLET_ENCRYPTION_KEY: value, other: 1 }));
  world.keys[KEY] = { secret: `${world.system}/wallet`, field: 'WALLET_ENCRYPTION_KEY' };
  const listed = await listVersions({ input: {}, execution: EXECUTION, startedAt }, world.listPorts());
  ({ run, versions } = listed);
  for (const version of versions) escrowed.push(await escrowVersion(version, world.escrowPorts()));
});

const storedVersions = async (reader: ObjectReader, prefix = '') => {
  const found = [];
  for await (const version of reader.listVersions(`${world.system}/${prefix}`)) found.push(version);
  return found;
};

/** The value out of one region's bucket, with that region's KMS key and nothing of the other region. */
const open = async (region: string, fingerprint: string) =>
  Buffer.from(
    await openEscrowedKey({
      now: AFTER_ALL_RUNS,
      reader: world.bucket(region, world.roles.readBack).reader,
      escrowKeyArn: world.escrowAliasArn(region),
      opener: envelopeOpener((asked) => {
        if (asked !== region) throw new Error(`the other region ${asked} was asked`);
        return world.kms(world.roles.readBack)(asked);
      }, world.escrowAliasArn(region)),
      system: world.system,
      key: KEY,
      fingerprint,
    }),
  ).toString('utf8');

describe('escrow of a key', () => {
  test('lists every version, and only ids', () => {
    expect(versions).toHaveLength(2);
    expect(JSON.stringify(versions)).not.toContain(VALUES[0]);
    expect(new Set(versions.map((version) => version.run))).toEqual(new Set([run]));
  });

  test('what was current can be told by listing alone, in both regions', async () => {
    for (const region of [HOME, REPLICA]) {
      const listed = [];
      for await (const { key } of world.bucket(region, world.roles.dump).reader.list(`${world.system}/${KEY}/`)) listed.push(key);
      const fingerprint = selectCurrentFingerprint(listed, world.system, KEY, AFTER_ALL_RUNS);
      expect(await open(region, fingerprint!)).toBe(VALUES.at(-1));
    }
  });

  test('each version stands in both regions, as the same bytes', async () => {
    expect(escrowed.map((version) => version.created)).toEqual([true, true]);
    for (const { fingerprint } of escrowed) {
      const key = world.envelopeKeyOf(KEY, fingerprint);
      const [home, replica] = await Promise.all([HOME, REPLICA].map((region) => world.bucket(region).reader.get({ key })));
      expect(home?.body.length).toBeGreaterThan(0);
      expect(createHash('sha256').update(home!.body).digest('hex')).toBe(createHash('sha256').update(replica!.body).digest('hex'));
    }
  });

  test.each([HOME, REPLICA])('%s alone opens every version', async (region) => {
    const values = await Promise.all(escrowed.map((version) => open(region, version.fingerprint)));
    expect(values.sort()).toEqual([...VALUES].sort());
  });

  test('envelopes are locked in compliance mode from their first second', async () => {
    for (const region of [HOME, REPLICA]) {
      const head = await world.bucket(region).reader.head({ key: world.envelopeKeyOf(KEY, escrowed[0]!.fingerprint) });
      expect(head?.lockMode).toBe('compliance');
      expect(head!.lockedUntil!.getTime()).toBeGreaterThan(Date.now());
    }
  });

  test('the same value again makes no new version', async () => {
    const before = [await storedVersions(world.bucket(HOME).reader), await storedVersions(world.bucket(REPLICA).reader)];
    for (const [i, version] of versions.entries())
      expect(await escrowVersion(version, world.escrowPorts())).toEqual({ ...escrowed[i], created: false });
    expect([await storedVersions(world.bucket(HOME).reader), await storedVersions(world.bucket(REPLICA).reader)]).toEqual(before);
  });

  test('eight deliveries at once make one envelope', async () => {
    const secretVersion = await world.putSecret('raced', randomBytes(32).toString('hex'));
    world.keys['raced-key'] = { secret: `${world.system}/raced` };
    const deliveries = Array.from({ length: 8 }, () => escrowVersion({ key: 'raced-key', secretVersion, run }, world.escrowPorts()));
    const answers = await Promise.all(deliveries);
    expect(answers.filter((answer) => answer.created)).toHaveLength(1);
    for (const region of [HOME, REPLICA])
      // The envelope, which version holds it, and that it is current.
      expect(await storedVersions(world.bucket(region).reader, 'raced-key/')).toHaveLength(3);
    for (const place of ['vault', 'replica'] as const) await readBack({ ...answers[0]!, place }, world.readBackPorts());
  });

  test('a replica that missed its envelope gets the bytes that stand at home', async () => {
    const secretVersion = await world.putSecret('late', randomBytes(32).toString('hex'));
    world.keys['late-key'] = { secret: `${world.system}/late` };
    const buckets = { home: world.bucket(HOME, world.roles.escrowVersion), replica: world.bucket(REPLICA, world.roles.dump) };
    const down = { ...world.escrowPorts(), buckets };
    await expect(escrowVersion({ key: 'late-key', secretVersion, run }, down)).rejects.toThrow(/refused/);
    const healed = await escrowVersion({ key: 'late-key', secretVersion, run }, world.escrowPorts());
    expect(healed.created).toBe(false);
    const key = world.envelopeKeyOf('late-key', healed.fingerprint);
    const [home, replica] = await Promise.all([HOME, REPLICA].map((region) => world.bucket(region).reader.get({ key })));
    expect(Buffer.from(replica!.body).equals(home!.body)).toBe(true);
    for (const place of ['vault', 'replica'] as const) await readBack({ ...healed, place }, world.readBackPorts());
  });

  test('a binary secret, and one over the 4,096 bytes that KMS takes for a MAC, are escrowed whole', async () => {
    for (const [name, value] of [
      ['binary', randomBytes(48)],
      ['large', randomBytes(20_000).toString('base64')],
    ] as const) {
      const secretVersion = await world.putSecret(name, value);
      world.keys[`${name}-key`] = { secret: `${world.system}/${name}` };
      const { fingerprint } = await escrowVersion({ key: `${name}-key`, secretVersion, run }, world.escrowPorts());
      const reader = world.bucket(REPLICA, world.roles.readBack).reader;
      const opener = envelopeOpener(world.kms(world.roles.readBack), world.escrowAliasArn(REPLICA));
      const escrowKeyArn = world.escrowAliasArn(REPLICA);
      const back = await openEscrowedKey({
        now: AFTER_ALL_RUNS,
        reader,
        opener,
        escrowKeyArn,
        system: world.system,
        key: `${name}-key`,
        fingerprint,
      });
      expect(Buffer.from(back).equals(Buffer.from(value))).toBe(true);
    }
  });

  test('a version that is neither current nor previous is escrowed too', async () => {
    const values = [1, 2, 3].map(() => randomBytes(32).toString('hex'));
    await world.putSecret('rotated', values[0]!);
    // The emulator drops a version with its last label, so this one has a label of its own.
    await world.putSecret('rotated', values[1]!, ['before-audit']);
    await world.putSecret('rotated', values[2]!);
    world.keys['rotated-key'] = { secret: `${world.system}/rotated` };
    const listed = await listVersions({ input: { key: 'rotated-key' }, execution: EXECUTION, startedAt }, world.listPorts());
    expect(listed.versions).toHaveLength(3);
    const fingerprints = new Set<string>();
    for (const version of listed.versions) fingerprints.add((await escrowVersion(version, world.escrowPorts())).fingerprint);
    expect(fingerprints.size).toBe(3);
  });

  test('deprecated versions are asked for', async () => {
    const client = new SecretsManagerClient(clientConfig(world.settings(HOME)));
    const asked: unknown[] = [];
    const record = (input: unknown) => asked.push(input);
    client.middlewareStack.add((next) => (args) => (record(args.input), next(args)), { step: 'initialize' });
    for await (const _ of secretSource(client).listVersions({ store: 'secret', name: `${world.system}/wallet`, field: undefined }));
    expect(asked).toEqual([expect.objectContaining({ IncludeDeprecated: true })]);
  });

  test('two key assets of one value have fingerprints that do not tell it', async () => {
    const value = randomBytes(32).toString('hex');
    const fingerprints = [];
    for (const name of ['twin-a', 'twin-b']) {
      const secretVersion = await world.putSecret(name, value);
      world.keys[name] = { secret: `${world.system}/${name}` };
      fingerprints.push((await escrowVersion({ key: name, secretVersion, run }, world.escrowPorts())).fingerprint);
    }
    expect(fingerprints[0]).not.toBe(fingerprints[1]);
  });
});

describe('read-back', () => {
  test.each(['vault', 'replica'] as const)('in the %s writes a fact there, once per run', async (place) => {
    const region = place === 'vault' ? HOME : REPLICA;
    const { fingerprint } = escrowed[0]!;
    const answer = await readBack({ key: KEY, fingerprint, run, place }, world.readBackPorts());
    expect(await readBack({ key: KEY, fingerprint, run, place }, world.readBackPorts())).toEqual(answer);
    const stored = await world.bucket(region).reader.get({ key: escrowFactKey(world.system, KEY, fingerprint, 'readback', run) });
    const fact = ReadBackFact.parse(JSON.parse(Buffer.from(stored!.body).toString('utf8')));
    expect(fact).toEqual(answer);
    expect(fact).toMatchObject({ key: KEY, fingerprint, region, id: run });
    // Each region's HMAC key is its own; home's names the envelope everywhere.
    expect(fact.regionFingerprint === fingerprint).toBe(place === 'vault');
  });
});

describe('who may not', () => {
  const asks = () => ({ key: KEY, fingerprint: escrowed[0]!.fingerprint, run, place: 'vault' as const });

  test('the dump role may not read an envelope', async () => {
    await expect(readBack(asks(), world.readBackPorts(world.roles.dump))).rejects.toMatchObject({ failure: 'VaultRefused' });
  });
  test('a role that can read envelopes but has no KMS key opens none', async () => {
    const failure = readBack(asks(), world.readBackPorts(world.roles.stranger));
    await expect(failure).rejects.toMatchObject({ name: 'AccessRefused', failure: 'VaultRefused' });
    await expect(failure).rejects.toThrow(/open a data key with the KMS key .*AccessDenied/);
  });
  test('the escrowing role opens nothing', async () => {
    await expect(
      envelopeOpener(world.kms(world.roles.escrowVersion), world.escrowAliasArn(HOME)).open(
        (await world.bucket(HOME).reader.get({ key: world.envelopeKeyOf(KEY, escrowed[0]!.fingerprint) }))!.body,
        { 'holdfast:system': world.system, 'holdfast:key': KEY, 'holdfast:purpose': 'escrow' },
      ),
    ).rejects.toMatchObject({ failure: 'VaultRefused' });
  });
  test('the listing role reads no value', async () => {
    await expect(escrowVersion(versions[0]!, world.escrowPorts(world.roles.listVersions))).rejects.toMatchObject({ reason: 'refused' });
  });
});
