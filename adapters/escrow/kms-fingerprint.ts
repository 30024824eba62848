import { GenerateMacCommand } from '@aws-sdk/client-kms';
import type { KMSClient } from '@aws-sdk/client-kms';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { AccessRefused } from '../../core/ports/object-errors.ts';
import type { Fingerprinter } from '../../core/escrow/ports.ts';
import { kmsError } from './kms-errors.ts';

/** @param keyAlias alias or ARN of the region's HMAC key: who lacks it cannot test guesses of a key against its fingerprint */
export const kmsFingerprinter = (client: KMSClient, keyAlias: string): Fingerprinter => ({
  async fingerprint(message) {
    const tried = `take a fingerprint with the KMS key ${keyAlias}`;
    try {
      const { Mac, KeyId } = await client.send(new GenerateMacCommand({ KeyId: keyAlias, Message: message, MacAlgorithm: 'HMAC_SHA_256' }));
      if (!Mac || !KeyId) throw new Error('KMS answered without a MAC, or without the key that made it');
      return { fingerprint: Buffer.from(Mac).toString('hex'), keyArn: KeyId };
    } catch (error) {
      const told = kmsError(error, tried);
      // That a value cannot be recognised is not that it is lost.
      throw told instanceof KeyNotRecoverable ? new AccessRefused(tried, told.message, { cause: error }) : told;
    }
  },
});
