import { openEnvelope, findMismatch } from '../../core/evidence/envelope.ts';
import { SignatureInvalid } from '../../core/evidence/errors.ts';
import { readKeptKeys } from '../../core/evidence/kept-keys.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { manifestKey, signatureKey } from '../../core/vault/keys.ts';
import { readRecord, type PointName } from './read-records.ts';

/**
 * Holds the signature of a point, before anything of it is loaded, to the public keys that the vault keeps: only the signer may
 * write there, and no outage of KMS stands between a point and its restore. `unsigned`: its run did not end, which may be all that
 * there is in an emergency. `no key`: a vault that no release has signed in since keys are kept.
 * Throws SignatureInvalid.
 */
export async function checkPointSignature(vault: ObjectReader, of: PointName): Promise<'signed' | 'unsigned' | 'no key'> {
  const key = manifestKey(of.system, of.asset, of.point);
  const [manifest, signature] = await Promise.all([readRecord(vault, key), readRecord(vault, signatureKey(key))]);
  if (!manifest || !signature) return 'unsigned';
  const keys = await readKeptKeys(vault, of.system);
  if (keys.length === 0) return 'no key';
  const opened = openEnvelope(
    parseJson(signature.body),
    keys.map((one) => one.key),
  );
  const reason = opened.isSigned ? findMismatch(opened.statement, key, manifest.body) : opened.reason;
  if (reason !== undefined) throw new SignatureInvalid(`s3://${vault.bucket}/${key}`, reason);
  return 'signed';
}
