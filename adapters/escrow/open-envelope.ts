import { envelopeContext } from '../../core/escrow/contract.ts';
import { selectEnvelopeVersion, type EnvelopeVersion } from '../../core/escrow/envelope-versions.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import type { EnvelopeOpener } from '../../core/escrow/ports.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { envelopeKey } from '../../core/vault/keys.ts';
import { envelopeOpener } from './envelope.ts';
import { kmsClients } from './kms-key.ts';

export type EscrowedKey = { system: string; key: string; fingerprint: string };

/**
 * The value of a key from its escrow copy in one region, never from the live secret. The caller overwrites it after use.
 * @param reader the escrow bucket of that region
 * @param escrowKeyArn that region's escrow key, as alias or key ARN
 * @throws KeyNotRecoverable, AccessRefused, StoreUnavailable
 */
export async function openEscrowedKey(
  asked: EscrowedKey & { reader: ObjectReader; escrowKeyArn: string; opener?: EnvelopeOpener },
): Promise<Uint8Array> {
  const { envelope } = await readEnvelope(asked.reader, asked);
  const opener = asked.opener ?? envelopeOpener(kmsClients(), asked.escrowKeyArn);
  return await opener.open(envelope, envelopeContext(asked.system, asked.key));
}

/** The envelope's bytes as they were first written. Throws KeyNotRecoverable when there is none. */
export async function readEnvelope(reader: ObjectReader, escrowed: EscrowedKey): Promise<EnvelopeVersion & { envelope: Uint8Array }> {
  const key = envelopeKey(escrowed.system, escrowed.key, escrowed.fingerprint);
  const found = await readFirstVersion(reader, key);
  if (!found) throw new KeyNotRecoverable('envelope-missing', `There is no envelope at s3://${reader.bucket}/${key}`);
  const { body, ...version } = found;
  return { ...version, envelope: body };
}

/** What escrow wrote under a key; whatever came to stand over it was not written by escrow. */
export async function readFirstVersion(reader: ObjectReader, key: string): Promise<(EnvelopeVersion & { body: Uint8Array }) | undefined> {
  const listed: ListedVersion[] = [];
  for await (const version of reader.listVersions(key)) listed.push(version);
  const chosen = selectEnvelopeVersion(listed, key);
  const found = chosen && (await reader.get({ key, versionId: chosen.versionId }));
  return found && { ...chosen, body: found.body };
}
