import { kmsSigner } from '../../adapters/kms/sign.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { SignEnvironment, SignRequest } from '../../core/backup/contract.ts';
import { prepareEnvelope, sealEnvelope, verifyEnvelope } from '../../core/evidence/envelope.ts';
import { SignatureInvalid, SigningKeyUnfit } from '../../core/evidence/errors.ts';
import { readPublicKeys, type PublicKey } from '../../core/evidence/public-key.ts';
import { buildStatement } from '../../core/evidence/statement.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { publicKeyKey, signatureKey } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { handle } from '../edge.ts';
import type { z } from 'zod';
import { parseJson } from '../../core/parse-json.ts';

/** KMS takes hundreds of signatures a second; a point needs a few. */
const SIGNATURES_AT_ONCE = 4;

export type SignPorts = { system: string; vault: ObjectReader & ObjectWriter; signer: Signer; now: () => Date };
/** `publicKey`: where the vault keeps the public half of the key that signed. */
export type SignAnswer = { signatures: string[]; publicKey: string };

/** Signs objects, each once. A signature that is there already is checked, and counts as done only when it holds. */
export async function signObjects({ keys }: z.output<typeof SignRequest>, ports: SignPorts): Promise<SignAnswer> {
  const [publicKey] = readPublicKeys(await ports.signer.publicKeyPem()) ?? [];
  if (!publicKey) throw new SigningKeyUnfit();
  await severalAtOnce(keys, SIGNATURES_AT_ONCE, (key) => signObject(key, publicKey, ports));
  return { signatures: keys.map(signatureKey), publicKey: await keepPublicKey(publicKey, ports) };
}

/** For whoever verifies when KMS is gone. It proves nothing by itself: whoever could forge a vault could put a key of his own there. */
async function keepPublicKey({ sha256, pem }: PublicKey, { system, vault }: SignPorts): Promise<string> {
  const key = publicKeyKey(system, sha256);
  const kept = await putSameOnce(vault, key, pem);
  if (Buffer.compare(kept.body, Buffer.from(pem)) !== 0) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`);
  return key;
}

async function signObject(key: string, publicKey: PublicKey, { system, vault, signer, now }: SignPorts): Promise<void> {
  const object = await readRecord(vault, key);
  if (!object) throw new ObjectMissing(`s3://${vault.bucket}/${key}`);
  const check = (envelope: unknown) => {
    const verification = verifyEnvelope(envelope, publicKey.key, key, object.body);
    if (!verification.isValid) throw new SignatureInvalid(`s3://${vault.bucket}/${key}`, verification.reason);
  };
  const earlier = await readRecord(vault, signatureKey(key));
  if (earlier) return check(parseJson(earlier.body));
  const { payload, sha256 } = prepareEnvelope(buildStatement(system, key, object.body, now()));
  const { signature, keyId } = await signer.sign(sha256);
  const envelope = sealEnvelope(payload, keyId, signature);
  // Before it is written: what is written once cannot be put right.
  check(envelope);
  check(parseJson((await putSameOnce(vault, signatureKey(key), JSON.stringify(envelope))).body));
}

export const handler = handle({
  environment: SignEnvironment,
  request: SignRequest,
  connect: (environment): SignPorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      system: environment.SYSTEM,
      vault: { ...reader, ...writer },
      signer: kmsSigner(environment.SIGNING_KEY_ALIAS, {}),
      now: () => new Date(),
    };
  },
  run: signObjects,
});
