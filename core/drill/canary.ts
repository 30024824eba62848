import { createDecipheriv } from 'node:crypto';
import { HoldfastError } from '../failure/error.ts';
import type { KeyCanary } from '../plan/schema.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 16;

type CanaryLayout = Pick<KeyCanary, 'layout' | 'encoding' | 'ivBytes' | 'keyEncoding'>;

/** Names of the two checks that a drill makes of a key: evidence is searched for them. */
export const recoveredCheckName = (key: string) => `key ${key} from escrow`;
export const canaryCheckName = (key: string) => `a value opens with ${key}`;

/** The value or the key is not of the form that the plan states, so nothing could be tried. Says what is wrong, never a byte of it. */
export class CanaryMalformed extends HoldfastError {
  readonly failure = 'CheckFailed';
}

/**
 * Whether a value of the restored database opens with the escrowed key, by AES-256-GCM. The plaintext is never returned: that it
 * authenticated is the proof.
 * @param key as it stands in the secret, in the plan's `keyEncoding`; the caller overwrites it
 * @param value as the database returned it
 * @throws CanaryMalformed
 */
export function openCanary(layout: CanaryLayout, key: Uint8Array, value: Uint8Array | string): 'authenticated' | 'not authenticated' {
  const parts = cutValue(layout, decodeValue(layout.encoding, value));
  const rawKey = decodeKey(layout.keyEncoding, key);
  try {
    const decipher = createDecipheriv('aes-256-gcm', rawKey, parts.iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(parts.tag);
    const plaintext = decipher.update(parts.ciphertext);
    plaintext.fill(0);
    decipher.final();
    return 'authenticated';
  } catch (error) {
    // `final` says so in this one way; anything else would be a mistake of this function.
    if (error instanceof Error && error.message.includes('unable to authenticate')) return 'not authenticated';
    throw error;
  } finally {
    rawKey.fill(0);
  }
}

function cutValue({ layout, ivBytes }: CanaryLayout, value: Uint8Array) {
  const leastBytes = ivBytes + TAG_BYTES;
  if (value.length < leastBytes)
    throw new CanaryMalformed(
      `The encrypted value has ${value.length} bytes, and ${ivBytes} of IV and ${TAG_BYTES} of tag need ${leastBytes}`,
      'Compare `ivBytes` and `encoding` of the canary in the plan with how the application stores the value',
    );
  const iv = value.subarray(0, ivBytes);
  if (layout === 'iv-tag-ciphertext') return { iv, tag: value.subarray(ivBytes, leastBytes), ciphertext: value.subarray(leastBytes) };
  const tagAt = value.length - TAG_BYTES;
  return { iv, tag: value.subarray(tagAt), ciphertext: value.subarray(ivBytes, tagAt) };
}

/** A driver hands bytea over as bytes or as PostgreSQL's hexadecimal text (`\x…`), and text as a string. */
function decodeValue(encoding: CanaryLayout['encoding'], value: Uint8Array | string): Uint8Array {
  const advice = 'Compare `encoding` of the canary in the plan with what its SQL returns';
  if (encoding === 'bytea') {
    if (typeof value !== 'string') return value;
    if (!value.startsWith('\\x')) throw new CanaryMalformed('The encrypted value is text, and the plan says bytea', advice);
    return decodeHex(value.slice(2), 'The encrypted value', advice);
  }
  const text = (typeof value === 'string' ? value : Buffer.from(value).toString('latin1')).trim();
  return encoding === 'hex' ? decodeHex(text, 'The encrypted value', advice) : decodeBase64(text, 'The encrypted value', advice);
}

function decodeKey(encoding: CanaryLayout['keyEncoding'], key: Uint8Array): Buffer {
  const advice = 'Compare `keyEncoding` of the canary in the plan with how the key stands in its secret';
  const raw = rawKeyBytes(encoding, key, advice);
  if (raw.length !== KEY_BYTES) {
    const length = raw.length;
    raw.fill(0);
    throw new CanaryMalformed(`The escrowed key has ${length} bytes when read as ${encoding}, and AES-256 needs ${KEY_BYTES}`, advice);
  }
  return raw;
}

function rawKeyBytes(encoding: CanaryLayout['keyEncoding'], key: Uint8Array, advice: string): Buffer {
  if (encoding === 'utf8') return Buffer.from(key);
  // A line end after the key is common in secrets that were made from a file.
  const text = Buffer.from(key).toString('latin1').trim();
  return encoding === 'hex' ? decodeHex(text, 'The escrowed key', advice) : decodeBase64(text, 'The escrowed key', advice);
}

function decodeHex(text: string, what: string, advice: string): Buffer {
  if (text.length % 2 !== 0) throw new CanaryMalformed(`${what} has an odd number of hexadecimal digits (${text.length})`, advice);
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new CanaryMalformed(`${what} holds characters that are not hexadecimal`, advice);
  return Buffer.from(text, 'hex');
}

/** Of both alphabets, with or without padding; Node skips what it does not know, so the form is checked first. */
function decodeBase64(text: string, what: string, advice: string): Buffer {
  const unpadded = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/_-]*$/.test(unpadded)) throw new CanaryMalformed(`${what} holds characters that are not base64`, advice);
  if (unpadded.length % 4 === 1) throw new CanaryMalformed(`${what} has a length (${unpadded.length}) that base64 cannot have`, advice);
  return Buffer.from(unpadded, 'base64');
}
