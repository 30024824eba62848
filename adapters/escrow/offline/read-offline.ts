import { createHash } from 'node:crypto';
import { selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import { OFFLINE, OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { OfflineFileUnopened } from '../../../core/escrow/offline/errors.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { escrowPrefix, offlineFileKey } from '../../../core/vault/keys.ts';
import { readFirstVersion } from '../open-envelope.ts';

export type OfflineFile = { fact: OfflineFact; isCurrent: boolean; bytes: Uint8Array };

/**
 * Every offline file of a key, compared with what was written down when it was made.
 * @throws OfflineFileUnopened
 */
export async function* readOfflineFiles(reader: ObjectReader, system: string, key: string): AsyncIterable<OfflineFile> {
  const prefix = escrowPrefix(system, key);
  const keys = new Set<string>();
  // By versions: what somebody hid with a delete marker is there all the same.
  for await (const version of reader.listVersions(prefix)) if (!version.isDeleteMarker) keys.add(version.key);
  const current = selectCurrentFingerprint([...keys], system, key);
  for (const factKey of keys) {
    if (!factKey.slice(prefix.length).includes(`/${OFFLINE}-`) || !factKey.endsWith('.json')) continue;
    const record = await readFirstVersion(reader, factKey);
    const fact = OfflineFact.safeParse(record && parseJson(Buffer.from(record.body).toString('utf8')));
    // Proofs begin with the same word.
    if (!fact.success) continue;
    const where = offlineFileKey(system, key, fact.data.fingerprint, fact.data.id);
    const file = await readFirstVersion(reader, where);
    if (!file) throw new OfflineFileUnopened('damaged', `s3://${reader.bucket}/${where} is gone`);
    if (createHash('sha256').update(file.body).digest('hex') !== fact.data.sha256)
      throw new OfflineFileUnopened('damaged', `s3://${reader.bucket}/${where} is not what was written`);
    yield { fact: fact.data, isCurrent: fact.data.fingerprint === current, bytes: file.body };
  }
}
