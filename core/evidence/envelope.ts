/** DSSE envelopes (https://github.com/secure-systems-lab/dsse): built here, signed elsewhere, checked with nothing but a public key. */
import { createHash, verify, type KeyObject } from 'node:crypto';
import { dsse } from '@sigstore/core';
import * as z from 'zod';
import { PAYLOAD_TYPE, Statement, sha256Hex } from './statement.ts';
import { parseJson } from '../parse-json.ts';

/** In its one canonical form: two texts for the same bytes would leave bits that anybody may change. */
const Base64 = z.base64().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);

export const Envelope = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: Base64,
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: Base64 })).min(1),
});
export type Envelope = z.infer<typeof Envelope>;

const encode = (payload: Uint8Array) => dsse.preAuthEncoding(PAYLOAD_TYPE, Buffer.from(payload));

/** The bytes of the statement, and the digest that is to be signed. */
export function prepareEnvelope(statement: Statement): { payload: Uint8Array; sha256: Uint8Array } {
  const payload = Buffer.from(JSON.stringify(statement));
  return { payload, sha256: createHash('sha256').update(encode(payload)).digest() };
}

export const sealEnvelope = (payload: Uint8Array, keyId: string, signature: Uint8Array): Envelope => ({
  payloadType: PAYLOAD_TYPE,
  payload: Buffer.from(payload).toString('base64'),
  signatures: [{ keyid: keyId, sig: Buffer.from(signature).toString('base64') }],
});

export type Verification = { isValid: true; statement: Statement } | { isValid: false; reason: string };

export type OpenedEnvelope =
  { isSigned: true; statement: Statement; publicKey: KeyObject | string; keyId: string } | { isSigned: false; reason: string };

/** What one of the keys signed, whatever it is of. `keyId` is a hint of whoever wrote the envelope: only the given keys decide. */
export function openEnvelope(envelope: unknown, publicKeys: readonly (KeyObject | string)[]): OpenedEnvelope {
  const refuse = (reason: string) => ({ isSigned: false as const, reason });
  const parsed = Envelope.safeParse(envelope);
  if (!parsed.success) return refuse('the signature is not a DSSE envelope of the kind that Holdfast writes');
  const payload = Buffer.from(parsed.data.payload, 'base64');
  const signed = encode(payload);
  for (const publicKey of publicKeys) {
    const found = parsed.data.signatures.find(({ sig }) => verify('sha256', signed, publicKey, Buffer.from(sig, 'base64')));
    if (!found) continue;
    const statement = Statement.safeParse(parseJson(payload));
    if (!statement.success) return refuse('what was signed is not a statement of Holdfast');
    return { isSigned: true, statement: statement.data, publicKey, keyId: found.keyid };
  }
  return refuse(`the signature was not made over this statement by ${publicKeys.length === 1 ? 'this key' : 'any of these keys'}`);
}

/** Why a statement is not of this object; undefined when it is. */
export function findMismatch({ subject }: Statement, key: string, objectBytes: Uint8Array): string | undefined {
  const { name, digest } = subject[0];
  if (name !== key) return `the signature is of '${name}', not of '${key}'`;
  const sha256 = sha256Hex(objectBytes);
  return digest.sha256 === sha256 ? undefined : `the object's SHA-256 is ${sha256}, signed was ${digest.sha256}`;
}

/**
 * Whether the envelope is a signature of exactly this object. Works offline.
 * @param envelope the parsed JSON of `….dsse.json`, not trusted in any way
 * @param publicKey of the signing key (PEM when it is a text), had from elsewhere than the vault
 * @param key where the object stands; a signature moved to another object is refused
 */
export function verifyEnvelope(envelope: unknown, publicKey: KeyObject | string, key: string, objectBytes: Uint8Array): Verification {
  const opened = openEnvelope(envelope, [publicKey]);
  if (!opened.isSigned) return { isValid: false, reason: opened.reason };
  const reason = findMismatch(opened.statement, key, objectBytes);
  return reason === undefined ? { isValid: true, statement: opened.statement } : { isValid: false, reason };
}
