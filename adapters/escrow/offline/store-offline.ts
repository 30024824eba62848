import { createHash } from 'node:crypto';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { OFFLINE, OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { offlineNames } from '../../../core/escrow/offline/files.ts';
import { lastProof } from '../../../core/escrow/offline/last-proof.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { instantOfRun } from '../../../core/vault/ids.ts';
import { escrowFactKey, offlineFileKey, valuePrefix } from '../../../core/vault/keys.ts';
import { listValue, readFirstVersion, type EscrowedKey } from '../open-envelope.ts';
import { putUnlessThere, type EscrowBuckets } from '../store-envelope.ts';
import { sealOffline } from './age-file.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * The value as a file for these recipients, in both regions, and what is in it. As with the envelope: written only when absent, and
 * what stands at home is what goes to the replica; another is made, as long as the value is at hand, when what stands there is not
 * what was written, or did not open before witnesses.
 */
export async function storeOffline(
  buckets: EscrowBuckets,
  escrowed: EscrowedKey,
  { value, recipients, run }: { value: Uint8Array; recipients: readonly string[]; run: string },
): Promise<void> {
  const { system, key, fingerprint } = escrowed;
  const recipientsOf = recipientsId(recipients);
  const listed = (await listValue(buckets.home.reader, escrowed)).flatMap((version) => (version.isDeleteMarker ? [] : version.key));
  const prefix = valuePrefix(system, key, fingerprint);
  const names = listed.map((one) => one.slice(prefix.length));
  // One that is dated after this run no run has made: it would be the newest for years, and what is made now would count for nothing.
  const newest = offlineNames(names, recipientsOf).find((made) => made.run <= run);
  const began = new Date(instantOfRun(run));
  const state = readKeyStates(listed, system, key, began).get(fingerprint);
  const proof = state && lastProof([state], recipientsOf, began);
  // What witnesses did not have before them they said nothing of.
  const didNotOpen = proof !== undefined && !proof.hasPassed && proof.madeAgain === undefined;
  const isBad = newest !== undefined && (didNotOpen || (await isDamaged(buckets, escrowed, newest.id)));
  await writeFile(buckets, escrowed, isBad ? `${recipientsOf}-${run}` : (newest?.id ?? recipientsOf), { value, recipients });
}

/** In one of the regions the file, or what says what it is, is not what was written. What is not there yet is not damaged. */
async function isDamaged({ home, replica }: EscrowBuckets, { system, key, fingerprint }: EscrowedKey, id: string): Promise<boolean> {
  const sums = new Set<string>();
  for (const { reader } of [home, replica]) {
    const file = await readFirstVersion(reader, offlineFileKey(system, key, fingerprint, id));
    const record = await readFirstVersion(reader, escrowFactKey(system, key, fingerprint, OFFLINE, id));
    if (file) sums.add(sha256(file.body));
    if (!record) continue;
    const fact = OfflineFact.safeParse(parseJson(record.body));
    // The fact is written last.
    if (!fact.success || !file) return true;
    sums.add(fact.data.sha256);
  }
  return sums.size > 1;
}

/** What is there already stays. */
async function writeFile(
  { home, replica }: EscrowBuckets,
  { system, key, fingerprint }: EscrowedKey,
  id: string,
  { value, recipients }: { value: Uint8Array; recipients: readonly string[] },
): Promise<void> {
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
    sha256: sha256(file),
    bytes: file.length,
  };
  for (const { writer } of [home, replica])
    await putUnlessThere(writer, escrowFactKey(system, key, fingerprint, OFFLINE, id), JSON.stringify(fact));
}
