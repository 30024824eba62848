/** Public keys that signatures are held to. Who hands one over decides what a check is worth: docs/threat-model.md. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { sha256Hex } from './statement.ts';

export type PublicKey = {
  /** Of its SubjectPublicKeyInfo, hexadecimal: what is compared by eye, and what names it in a vault. */
  sha256: string;
  pem: string;
  key: KeyObject;
};

const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/**
 * Every public key of a PEM file, which may hold several: a system has one for each region.
 * @returns undefined when the text holds none, or one that is not for ECDSA over P-256
 */
export function readPublicKeys(text: string): PublicKey[] | undefined {
  const blocks = text.match(BLOCK);
  if (!blocks) return undefined;
  try {
    const keys = blocks.map(toPublicKey);
    return keys.every(({ key }) => key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      ? keys
      : undefined;
  } catch {
    return undefined;
  }
}

function toPublicKey(pem: string): PublicKey {
  const key = createPublicKey(pem);
  const sha256 = sha256Hex(key.export({ type: 'spki', format: 'der' }));
  return { sha256, pem: key.export({ type: 'spki', format: 'pem' }).toString(), key };
}
