/** DSSE envelopes (https://github.com/secure-systems-lab/dsse): built here, signed elsewhere, checked with nothing but a public key. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { dsse } from '@sigstore/core';
import * as z from 'zod';
import { PAYLOAD_TYPE, Statement, sha256Hex } from './statement.ts';
import { parseJson } from '../parse-json.ts';

export const Envelope = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: z.base64(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.base64() })).min(1),
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

/**
 * Whether the envelope is a signature of exactly this object. Works offline.
 * @param envelope the parsed JSON of `….dsse.json`, not trusted in any way
 * @param publicKeyPem of the signing key, had from elsewhere than the vault
 * @param key where the object stands; a signature moved to another object is refused
 */
export function verifyEnvelope(envelope: unknown, publicKeyPem: string, key: string, objectBytes: Uint8Array): Verification {
  const parsed = Envelope.safeParse(envelope);
  if (!parsed.success) return { isValid: false, reason: 'the signature is not a DSSE envelope of the kind that Holdfast writes' };
  const payload = Buffer.from(parsed.data.payload, 'base64');
  const publicKey = createPublicKey(publicKeyPem);
  // `keyid` is a hint of whoever wrote the envelope; only the given key decides.
  const isSigned = parsed.data.signatures.some(({ sig }) => verify('sha256', encode(payload), publicKey, Buffer.from(sig, 'base64')));
  if (!isSigned) return { isValid: false, reason: 'the signature was not made over this statement by this key' };
  const statement = Statement.safeParse(parseJson(payload));
  if (!statement.success) return { isValid: false, reason: 'what was signed is not a statement of Holdfast' };
  const { name, digest } = statement.data.subject[0];
  if (name !== key) return { isValid: false, reason: `the signature is of '${name}', not of '${key}'` };
  const sha256 = sha256Hex(objectBytes);
  if (digest.sha256 !== sha256) return { isValid: false, reason: `the object's SHA-256 is ${sha256}, signed was ${digest.sha256}` };
  return { isValid: true, statement: statement.data };
}
