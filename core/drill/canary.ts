import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyCanary } from '../plan/schema-canary.ts';
import { deriveKeys, type CanaryKeys } from './canary-key.ts';
import { CanaryMalformed, cutValue, type CanaryPart } from './canary-value.ts';

export { CanaryMalformed } from './canary-value.ts';

type CanaryForm = Omit<KeyCanary, 'key' | 'name' | 'sql'>;
type Verdict = 'authenticated' | 'not authenticated';

/** Names of the checks that a drill makes of a key: evidence is searched for them. A key may have several canaries. */
export const recoveredCheckName = (key: string) => `key ${key} from escrow`;
export const canaryCheckName = (key: string, name?: string) => `a value opens with ${key}${name === undefined ? '' : `: ${name}`}`;
export const isCanaryCheckOf = (checkName: string, key: string) =>
  checkName === canaryCheckName(key) || checkName.startsWith(canaryCheckName(key, ''));

const FULL_TAG_BYTES = { 'aes-256-gcm': 16, 'aes-256-cbc-hmac-sha256': 32, 'aes-256-cbc-hmac-sha512': 64 } as const;

/** Lengths that the plan leaves to the cipher. */
export const lengthsOf = ({ cipher, ivBytes, tagBytes }: Pick<KeyCanary, 'cipher' | 'ivBytes' | 'tagBytes'>) => ({
  ivBytes: ivBytes ?? (cipher === 'aes-256-gcm' ? 12 : 16),
  tagBytes: tagBytes ?? FULL_TAG_BYTES[cipher],
});

/**
 * Whether a value of the restored database opens with the escrowed key. The plaintext is never returned: that it authenticated is
 * the proof.
 * @param key as it stands in the secret, in the plan's `keyEncoding`; the caller overwrites it
 * @param value as the database returned it
 * @throws CanaryMalformed
 */
export function openCanary(canary: CanaryForm, key: Uint8Array, value: Uint8Array | string): Verdict {
  const parts = cutValue({ ...canary, ...lengthsOf(canary) }, value);
  const keys = deriveKeys(canary, key, parts.salt);
  try {
    return canary.cipher === 'aes-256-gcm' ? openGcm(canary, keys, parts) : openCbc(canary, keys, parts);
  } finally {
    keys.wipe();
  }
}

type Parts = Partial<Record<CanaryPart, Uint8Array>>;

/** The layout names each of the three once: `plan check` holds it. */
function neededParts({ iv, tag, ciphertext }: Parts) {
  if (iv && tag && ciphertext) return { iv, tag, ciphertext };
  throw new CanaryMalformed('The layout has no iv, tag or ciphertext', 'Name each of them once in `layout` of the canary in the plan');
}

function openGcm({ associatedData }: CanaryForm, keys: CanaryKeys, parts: Parts): Verdict {
  const { iv, tag, ciphertext } = neededParts(parts);
  const decipher = createDecipheriv('aes-256-gcm', keys.encrypt, iv, { authTagLength: tag.length });
  decipher.setAuthTag(tag);
  if (associatedData !== '') decipher.setAAD(Buffer.from(associatedData, 'utf8'));
  decipher.update(ciphertext).fill(0);
  try {
    decipher.final();
    return 'authenticated';
  } catch (error) {
    // `final` says so in this one way; anything else would be a mistake of this function.
    if (error instanceof Error && error.message.includes('unable to authenticate')) return 'not authenticated';
    throw error;
  }
}

function openCbc({ cipher, authenticates, associatedData }: CanaryForm, keys: CanaryKeys, parts: Parts): Verdict {
  const { iv, tag, ciphertext } = neededParts(parts);
  const hmac = createHmac(cipher === 'aes-256-cbc-hmac-sha512' ? 'sha512' : 'sha256', keys.authenticate);
  if (authenticates === 'iv-ciphertext') hmac.update(iv);
  const found = hmac.update(ciphertext).update(associatedData, 'utf8').digest().subarray(0, tag.length);
  if (found.length !== tag.length || !timingSafeEqual(found, tag)) return 'not authenticated';
  // The HMAC has a key of its own: that the other one decrypts shows by the padding alone.
  const decipher = createDecipheriv('aes-256-cbc', keys.encrypt, iv);
  try {
    decipher.update(ciphertext).fill(0);
    decipher.final().fill(0);
    return 'authenticated';
  } catch (error) {
    if (error instanceof Error && /bad decrypt|wrong final block length/.test(error.message)) return 'not authenticated';
    throw error;
  }
}
