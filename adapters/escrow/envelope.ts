/**
 * Envelopes in the format of the AWS Encryption SDK (message format 2, with key commitment): any of its implementations, the
 * `aws-encryption-cli` among them, opens one without Holdfast.
 */
import { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import type { EnvelopeContext, EnvelopeOpener, EnvelopeSealer } from '../../core/escrow/ports.ts';
import { sealingId } from '../../core/escrow/sealing.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { envelopeLength, FRAME_BYTES } from './envelope-length.ts';
import { kmsError } from './kms-errors.ts';
import { resolveKey, type KmsOfRegion } from './kms-key.ts';

/** One per region. An envelope with more was not made here. */
const DATA_KEYS = 2;

const encryptionSdk = buildClient({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: DATA_KEYS,
});

/**
 * The suite without a signature: the signing one adds a field of its own to the encryption context, and the keys' policies allow
 * exactly ours. Who wrote an envelope is told by the bucket's policy, what it holds by the fingerprint.
 */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

/** @param escrowKeyArns the escrow key of each region, as alias or key ARN, home first */
export const envelopeSealer = (kms: KmsOfRegion, escrowKeyArns: readonly [string, string]): EnvelopeSealer => ({
  async seal(value, context) {
    const [generatorKeyId, second] = await Promise.all(escrowKeyArns.map((arn) => resolveKey(kms, arn)));
    if (generatorKeyId === undefined || second === undefined) throw new RangeError('An envelope needs the escrow keys of both regions');
    const calls = kmsCalls(kms);
    const keyring = new KmsKeyringNode({ clientProvider: calls.client, generatorKeyId, keyIds: [second] });
    const plaintext = Buffer.from(value);
    try {
      const { result } = await encryptionSdk.encrypt(keyring, plaintext, {
        suiteId: SUITE,
        encryptionContext: { ...context },
        frameLength: FRAME_BYTES,
      });
      return { envelope: result, keysId: sealingId(generatorKeyId, second) };
    } catch (error) {
      throw calls.failure() ?? error;
    } finally {
      plaintext.fill(0);
    }
  },
});

/** @param escrowKeyArn the escrow key of one region, as alias or key ARN; no other key is asked */
export const envelopeOpener = (kms: KmsOfRegion, escrowKeyArn: string): EnvelopeOpener => ({
  async open(envelope, context) {
    const keyArn = await resolveKey(kms, escrowKeyArn);
    const calls = kmsCalls(kms, context);
    try {
      const keyring = new KmsKeyringNode({ clientProvider: calls.client, keyIds: [keyArn] });
      const { plaintext, messageHeader } = await encryptionSdk.decrypt(keyring, envelope);
      const isWhole = envelope.length === envelopeLength(messageHeader, plaintext.length);
      if (!isWhole || !isSameContext(messageHeader.encryptionContext, context)) {
        plaintext.fill(0);
        throw isWhole ? otherContext() : altered();
      }
      return plaintext;
    } catch (error) {
      throw calls.failure() ?? explainDamage(error, calls.wasAsked(), keyArn);
    }
  },
});

/**
 * KMS as the Encryption SDK calls it. The SDK folds what KMS answered into one text; the error itself is kept here. An envelope of
 * another context is refused before KMS is asked to open it.
 */
function kmsCalls(kms: KmsOfRegion, expected?: EnvelopeContext) {
  let failure: Error | undefined;
  let asked = false;
  const told = async <T>(tried: string, call: () => Promise<T>): Promise<T> => {
    asked = true;
    try {
      return await call();
    } catch (error) {
      failure ??= error instanceof HoldfastError ? error : kmsError(error, tried);
      throw failure;
    }
  };
  return {
    failure: () => failure,
    wasAsked: () => asked,
    client: (region: string) => ({
      generateDataKey: (args: { KeyId: string; NumberOfBytes?: number; EncryptionContext?: EnvelopeContext }) =>
        told(`make a data key with the KMS key ${args.KeyId}`, () => kms(region).send(new GenerateDataKeyCommand(args))),
      encrypt: (args: { KeyId: string; Plaintext: Uint8Array; EncryptionContext?: EnvelopeContext }) =>
        told(`wrap a data key with the KMS key ${args.KeyId}`, () => kms(region).send(new EncryptCommand(args))),
      decrypt: (args: { KeyId?: string; CiphertextBlob: Uint8Array; EncryptionContext?: EnvelopeContext }) =>
        told(`open a data key with the KMS key ${args.KeyId ?? 'of the envelope'}`, async () => {
          if (!isSameContext(args.EncryptionContext ?? {}, expected ?? {})) throw otherContext();
          return await kms(region).send(new DecryptCommand(args));
        }),
    }),
  };
}

const otherContext = () =>
  new KeyNotRecoverable('other-context', 'The envelope was made for another system, key or purpose: its encryption context differs');

function isSameContext(found: EnvelopeContext, expected: EnvelopeContext): boolean {
  const names = Object.keys(found);
  return names.length === Object.keys(expected).length && names.every((name) => found[name] === expected[name]);
}

/** What the SDK says of damage names lengths and fields; it is the cause, and the message here is plain. */
function explainDamage(error: unknown, wasKmsAsked: boolean, keyArn: string): Error {
  if (error instanceof HoldfastError) return error;
  const isOtherKey = !wasKmsAsked && error instanceof Error && error.message.includes('unencryptedDataKey has not been set');
  return isOtherKey
    ? new KeyNotRecoverable('other-key', `The envelope holds no data key that ${keyArn} wrapped`, { cause: error })
    : altered(error);
}

const altered = (cause?: unknown) =>
  new KeyNotRecoverable('envelope-altered', 'The envelope is not what was written: it is cut, altered, or no envelope at all', { cause });
