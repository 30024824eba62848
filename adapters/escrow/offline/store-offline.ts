import { createHash } from 'node:crypto';
import { OFFLINE, type OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { escrowFactKey, offlineFileKey } from '../../../core/vault/keys.ts';
import { readFirstVersion, type EscrowedKey } from '../open-envelope.ts';
import { putUnlessThere, type EscrowBuckets } from '../store-envelope.ts';
import { sealOffline } from './age-file.ts';

/**
 * The value as a file for these recipients, in both regions, and what is in it. As with the envelope: written only when absent, and
 * what stands at home is what goes to the replica.
 */
export async function storeOffline(
  { home, replica }: EscrowBuckets,
  escrowed: EscrowedKey,
  value: Uint8Array,
  recipients: readonly string[],
): Promise<void> {
  const { system, key, fingerprint } = escrowed;
  const id = recipientsId(recipients);
  const fileKey = offlineFileKey(system, key, fingerprint, id);
  const earlier = await readFirstVersion(home.reader, fileKey);
  let file = earlier?.body ?? (await sealOffline(value, recipients));
  // Another run was faster: each encrypts with a key of its own, and the bytes that stand there count.
  if (!earlier && !(await putUnlessThere(home.writer, fileKey, file))) file = (await readFirstVersion(home.reader, fileKey))?.body ?? file;
  await putUnlessThere(replica.writer, fileKey, file);
  const fact: OfflineFact = {
    format: 'holdfast/escrow-fact/v1',
    kind: OFFLINE,
    system,
    key,
    fingerprint,
    id,
    recipients: [...recipients],
    sha256: createHash('sha256').update(file).digest('hex'),
    bytes: file.length,
  };
  for (const { writer } of [home, replica])
    await putUnlessThere(writer, escrowFactKey(system, key, fingerprint, OFFLINE, id), JSON.stringify(fact));
}
