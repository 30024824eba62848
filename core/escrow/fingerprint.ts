import { createHash } from 'node:crypto';

/**
 * What the HMAC of a key's fingerprint is taken over: the key's name, so that two key assets of one value cannot be told to be
 * equal, and the value's SHA-256, so that a value of any size fits KMS's limit of 4,096 bytes and itself goes nowhere else. Guesses can be compared with
 * it: the caller overwrites it after use.
 */
export function fingerprintMessage(system: string, key: string, value: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(value).digest();
  const message = Buffer.concat([Buffer.from(`holdfast/fingerprint/v1\n${system}\n${key}\n`, 'utf8'), digest]);
  digest.fill(0);
  return message;
}
