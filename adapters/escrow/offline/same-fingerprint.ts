import { VerifyMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { kmsError } from '../kms-errors.ts';

/** Whether a value has a fingerprint. Whoever may only compare learns nothing of any other value. */
export async function hasFingerprint(client: KMSClient, keyAlias: string, message: Uint8Array, fingerprint: string): Promise<boolean> {
  try {
    const asked = { KeyId: keyAlias, Message: message, Mac: Buffer.from(fingerprint, 'hex'), MacAlgorithm: 'HMAC_SHA_256' } as const;
    const { MacValid } = await client.send(new VerifyMacCommand(asked));
    return MacValid === true;
  } catch (error) {
    // KMS tells a fingerprint that differs as an error.
    if (error instanceof Error && error.name === 'KMSInvalidMacException') return false;
    throw kmsError(error, `compare a fingerprint with the KMS key ${keyAlias}`);
  }
}
