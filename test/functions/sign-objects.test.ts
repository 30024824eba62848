import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { verifyEnvelope, type Envelope } from '../../core/evidence/envelope.ts';
import { SignatureInvalid } from '../../core/evidence/errors.ts';
import { keyAlias } from '../../core/names.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import { manifestKey, signatureKey } from '../../core/vault/keys.ts';
import { signObjects, type SignPorts } from '../../functions/evidence/sign-objects.ts';
import { rootSettings } from '../helpers/servers.ts';
import { ASSET, HOME, makeVaultWorld, type VaultWorld } from './vault-world.ts';
import { parseJson } from '../../core/parse-json.ts';

let world: VaultWorld;
let ports: SignPorts;
let publicKeyPem: string;
const POINT = '20261120T020000Z';
const key = () => manifestKey(world.system, ASSET, POINT);
const bytesOf = async (name: string) => Buffer.from((await readRecord(world.vault, name))?.body ?? []);

beforeAll(async () => {
  world = await makeVaultWorld();
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const alias = keyAlias(world.system, 'evidence');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  ports = { system: world.system, vault: world.vault, signer: kmsSigner(alias, rootSettings(HOME)), now: () => new Date() };
  publicKeyPem = await ports.signer.publicKeyPem();
  await world.putPoint(POINT);
  await signObjects({ keys: [key()] }, ports);
});

describe('signObjects', () => {
  it('leaves an envelope that the public key alone verifies', async () => {
    const envelope = parseJson(await bytesOf(signatureKey(key()))) as Envelope;
    expect(envelope.signatures[0]?.keyid).toMatch(/^arn:aws:kms:eu-central-1:/);
    const verification = verifyEnvelope(envelope, publicKeyPem, key(), await bytesOf(key()));
    expect(verification).toMatchObject({ isValid: true, statement: { predicate: { system: world.system } } });
  });

  it('finds every bit that was flipped in the signed manifest', async () => {
    const envelope = parseJson(await bytesOf(signatureKey(key())));
    const manifest = await bytesOf(key());
    for (let bit = 0; bit < manifest.length * 8; bit += 7) {
      const flipped = Buffer.from(manifest);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyEnvelope(envelope, publicKeyPem, key(), flipped)).toMatchObject({
        isValid: false,
        reason: expect.stringContaining('SHA-256') as string,
      });
    }
    expect(verifyEnvelope(envelope, publicKeyPem, key(), manifest.subarray(1)).isValid).toBe(false);
  });

  it('signs an object once: what is there is checked and left', async () => {
    const before = await readRecord(world.vault, signatureKey(key()));
    await Promise.all([signObjects({ keys: [key()] }, ports), signObjects({ keys: [key()] }, ports)]);
    expect(await readRecord(world.vault, signatureKey(key()))).toEqual(before);
  });

  it('is at one with another that signs the same object at the same time', async () => {
    const other = '20261120T030000Z';
    await world.putPoint(other);
    const name = manifestKey(world.system, ASSET, other);
    await Promise.all(Array.from({ length: 4 }, () => signObjects({ keys: [name] }, ports)));
    expect(verifyEnvelope(parseJson(await bytesOf(signatureKey(name))), publicKeyPem, name, await bytesOf(name)).isValid).toBe(true);
  });

  it('refuses a signature that was put there for something else', async () => {
    const other = '20261120T040000Z';
    await world.putPoint(other);
    const name = manifestKey(world.system, ASSET, other);
    await world.vault.putOnce(signatureKey(name), await bytesOf(signatureKey(key())));
    await expect(signObjects({ keys: [name] }, ports)).rejects.toThrow(SignatureInvalid);
  });

  it('writes nothing that it could not verify', async () => {
    const other = '20261120T050000Z';
    await world.putPoint(other);
    const name = manifestKey(world.system, ASSET, other);
    const faulty = { ...ports.signer, sign: async () => ports.signer.sign(Buffer.alloc(32)) };
    await expect(signObjects({ keys: [name] }, { ...ports, signer: faulty })).rejects.toThrow(SignatureInvalid);
    expect(await readRecord(world.vault, signatureKey(name))).toBeUndefined();
  });

  it('does not sign what is not there', async () => {
    await expect(signObjects({ keys: ['evidence/x/none.json'] }, ports)).rejects.toThrow(ObjectMissing);
  });
});
