/**
 * What the signature beside a manifest says was signed. Whoever takes the true manifest away past every lock and leaves another in its
 * place leaves the signature of the true one, or has to take that too; then the chain's link tells, which the audit reads. Whether the
 * signature itself holds takes the public key, and is asked by `evidence verify`.
 */
import { Envelope } from '../evidence/envelope.ts';
import { Statement } from '../evidence/statement.ts';
import { parseJson } from '../parse-json.ts';

/** The SHA-256 of the bytes that were signed; undefined when this is no signature that Holdfast wrote. */
export function signedSha256(signature: Uint8Array): string | undefined {
  const envelope = Envelope.safeParse(parseJson(signature));
  const statement = Statement.safeParse(envelope.success ? parseJson(Buffer.from(envelope.data.payload, 'base64')) : undefined);
  return statement.success ? statement.data.subject[0].digest.sha256 : undefined;
}
