/** The offline identity: 32 random bytes, an X25519 key, which `age` knows as AGE-SECRET-KEY-1… and whose public half is age1…. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { bech32 } from '@scure/base';

export const SECRET_BYTES = 32;
const CEREMONY_BYTES = 8;
/** PKCS #8 of an X25519 key, up to the key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Overwrite it after use. */
export const secretAsPkcs8 = (secret: Uint8Array): Buffer => Buffer.concat([PKCS8_HEAD, secret]);

/** `age1…`, what the plan names. */
export function recipientOf(secret: Uint8Array): string {
  const pkcs8 = secretAsPkcs8(secret);
  const { x = '' } = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
  pkcs8.fill(0);
  return bech32.encode('age', bech32.toWords(Buffer.from(x, 'base64url')), false);
}

/** The file that stock `age` takes with -i. A string, which cannot be overwritten: it is made only to be written. */
export const identityFile = (secret: Uint8Array, ceremony: string): string =>
  [
    `# Holdfast, ceremony ${inFours(ceremony)}: whoever has this file opens every offline file of it`,
    `# public key: ${recipientOf(secret)}`,
    bech32.encode('AGE-SECRET-KEY-', bech32.toWords(secret), false).toUpperCase(),
    '',
  ].join('\n');

const IDENTITY_LINE = /^AGE-SECRET-KEY-1[0-9A-Z]+$/;

/** The secret of each identity that such a file holds: of a ceremony, or of whoever made one with `age-keygen`. Overwrite them after use. */
export const secretsOf = (file: string): Uint8Array[] =>
  file
    .split(/\r?\n/)
    .filter((line) => IDENTITY_LINE.test(line))
    .flatMap((line) => {
      const decoded = bech32.decodeUnsafe(line.toLowerCase(), false);
      const bytes = decoded && bech32.fromWordsUnsafe(decoded.words);
      return bytes?.length === SECRET_BYTES ? bytes : [];
    });

/** Names a ceremony by what it made: sixteen hexadecimal digits. */
export const ceremonyOf = (recipient: string): string =>
  createHash('sha256')
    .update(`holdfast/ceremony/v1\n${recipient}`)
    .digest('hex')
    .slice(0, CEREMONY_BYTES * 2);

/** `0f3a 81bc 77d0 2e19`, for people who compare it. */
export const inFours = (hex: string): string => hex.match(/.{1,4}/g)?.join(' ') ?? '';
