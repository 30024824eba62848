/** What is signed of an object: an in-toto Statement v1 that names it by its key and the SHA-256 of its bytes. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://holdfast.dev/signed/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export const Statement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) })]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({ system: z.string(), signedAt: z.iso.datetime({ offset: false }) }),
});
export type Statement = z.infer<typeof Statement>;

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const buildStatement = (system: string, key: string, bytes: Uint8Array, signedAt: Date): Statement => ({
  _type: STATEMENT_TYPE,
  subject: [{ name: key, digest: { sha256: sha256Hex(bytes) } }],
  predicateType: PREDICATE_TYPE,
  predicate: { system, signedAt: signedAt.toISOString() },
});
