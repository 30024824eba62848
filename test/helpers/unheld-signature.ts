/** A signature in its form, of the bytes that it stands beside, which no key made: what reads records and asks no key takes it. */
import { sealEnvelope } from '../../core/evidence/envelope.ts';
import { buildStatement } from '../../core/evidence/statement.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { signatureKey } from '../../core/vault/keys.ts';

export function unheldSignature(system: string, key: string, body: string | Uint8Array): string {
  const statement = buildStatement(system, key, Buffer.from(body), new Date('2026-11-21T09:00:00.000Z'));
  return JSON.stringify(sealEnvelope(Buffer.from(JSON.stringify(statement)), 'key', Buffer.from('no KMS here')));
}

/** Beside what stands under the key. */
export async function putUnheldSignature(vault: ObjectReader & ObjectWriter, system: string, key: string): Promise<void> {
  const { body = Buffer.of() } = (await vault.get({ key })) ?? {};
  await vault.putOnce(signatureKey(key), unheldSignature(system, key, body));
}
