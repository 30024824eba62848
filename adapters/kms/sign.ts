import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../core/ports/signer.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** @param keyAlias of an ECC_NIST_P256 key for SIGN_VERIFY */
export function kmsSigner(keyAlias: string, settings: AwsSettings): Signer {
  const client = new KMSClient(clientConfig(settings));
  return {
    async sign(sha256) {
      const answer = await client.send(
        new SignCommand({ KeyId: keyAlias, Message: sha256, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' }),
      );
      if (!answer.Signature || !answer.KeyId) throw new Error('KMS answered without a signature');
      return { signature: answer.Signature, keyId: answer.KeyId };
    },
    async publicKeyPem() {
      const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyAlias }));
      if (!PublicKey) throw new Error('KMS answered without a public key');
      return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' })
        .export({ type: 'spki', format: 'pem' })
        .toString();
    },
  };
}
