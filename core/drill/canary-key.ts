/** The keys that a value was encrypted and authenticated with, out of the escrowed one. Pure; the caller overwrites what it is given. */
import { hkdfSync, scryptSync } from 'node:crypto';
import type { KeyCanary } from '../plan/schema-canary.ts';
import { CanaryMalformed, decodeBase64, decodeHex, withoutSpace } from './canary-value.ts';

type KeyForm = Pick<KeyCanary, 'cipher' | 'keyEncoding' | 'derivation' | 'macKey'>;
export type CanaryKeys = { encrypt: Uint8Array; authenticate: Uint8Array; wipe: () => void };

const CIPHER_KEY_BYTES = 32;

/**
 * @param key as it stands in the secret
 * @param storedSalt the part `salt` of the value, where it has one
 * @throws CanaryMalformed
 */
export function deriveKeys(form: KeyForm, key: Uint8Array, storedSalt: Uint8Array | undefined): CanaryKeys {
  const neededBytes = form.cipher === 'aes-256-gcm' || form.macKey === 'same' ? CIPHER_KEY_BYTES : 2 * CIPHER_KEY_BYTES;
  const raw = rawKeyBytes(form.keyEncoding, key);
  const derived = deriveOrWipe(form, raw, storedSalt, neededBytes);
  const wipe = () => {
    raw.fill(0);
    derived.fill(0);
  };
  if (derived.length !== neededBytes) {
    const { length } = derived;
    wipe();
    throw new CanaryMalformed(
      `The escrowed key has ${length} bytes when read as ${form.keyEncoding}, and ${NAMES[form.cipher]} needs ${neededBytes}`,
      KEY_ADVICE,
    );
  }
  const [first, second] = [derived.subarray(0, CIPHER_KEY_BYTES), derived.subarray(-CIPHER_KEY_BYTES)];
  return form.macKey === 'first-half' && neededBytes > CIPHER_KEY_BYTES
    ? { encrypt: second, authenticate: first, wipe }
    : { encrypt: first, authenticate: second, wipe };
}

const NAMES = {
  'aes-256-gcm': 'AES-256',
  'aes-256-cbc-hmac-sha256': 'AES-256 with HMAC',
  'aes-256-cbc-hmac-sha512': 'AES-256 with HMAC',
} as const;
const KEY_ADVICE =
  'Compare `keyEncoding` and `derivation` of the canary in the plan with how the key stands in its secret, and how the application uses it';

function deriveOrWipe(...[form, raw, storedSalt, bytes]: Parameters<typeof derive>): Buffer {
  try {
    return derive(form, raw, storedSalt, bytes);
  } catch (error) {
    raw.fill(0);
    throw error;
  }
}

function derive({ derivation }: KeyForm, raw: Buffer, storedSalt: Uint8Array | undefined, bytes: number): Buffer {
  if (derivation.kind === 'none') return raw;
  const salt = storedSalt ?? saltBytes(derivation);
  try {
    return deriveBy(derivation, raw, salt, bytes);
  } catch (error) {
    // Node's word for a parameter out of its limits.
    if (!(error instanceof RangeError)) throw error;
    throw new CanaryMalformed(`${derivation.kind} does not take its parameters`, PARAMETER_ADVICE, { cause: error });
  }
}

const PARAMETER_ADVICE =
  'Compare `derivation` of the canary in the plan with how the application derives its key; `plan check` knows the limits';

function deriveBy(derivation: Exclude<KeyForm['derivation'], { kind: 'none' }>, raw: Buffer, salt: Uint8Array, bytes: number): Buffer {
  if (derivation.kind === 'hkdf') return Buffer.from(hkdfSync(derivation.hash, raw, salt, derivation.info, bytes));
  const { cost, blockSize, parallelization } = derivation;
  // Node refuses to take more than 32 MiB unless it is told; 128 N r bytes are what scrypt is defined to need.
  const maxmem = 256 * cost * blockSize + 1024 * 1024;
  return scryptSync(raw, salt, bytes, { cost, blockSize, parallelization, maxmem });
}

function saltBytes({ salt, saltEncoding }: { salt: string; saltEncoding: 'utf8' | 'hex' | 'base64' }): Buffer {
  const advice = 'Compare `salt` and `saltEncoding` of the canary in the plan';
  if (saltEncoding === 'utf8') return Buffer.from(salt, 'utf8');
  const text = withoutSpace(salt);
  return saltEncoding === 'hex' ? decodeHex(text, 'The salt', advice) : decodeBase64(text, 'The salt', advice);
}

function rawKeyBytes(encoding: KeyCanary['keyEncoding'], key: Uint8Array): Buffer {
  if (encoding === 'utf8') return Buffer.from(key);
  // A line end after the key is common in secrets that were made from a file, and lines are wrapped by what wrote it.
  const text = withoutSpace(Buffer.from(key).toString('latin1'));
  return encoding === 'hex' ? decodeHex(text, 'The escrowed key', KEY_ADVICE) : decodeBase64(text, 'The escrowed key', KEY_ADVICE);
}
