import { OFFLINE, OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { offlineNames } from '../../../core/escrow/offline/files.ts';
import type { ProofResult } from '../../../core/escrow/offline/proof.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { escrowFactKey, valuePrefix } from '../../../core/vault/keys.ts';
import { listValue, readFirstVersion } from '../open-envelope.ts';

/** A proof of a file that escrow never made would say nothing of the one that it did. A file may have been made again. */
export async function isOfEscrow(
  home: ObjectReader,
  system: string,
  { key, fingerprint, recipients, sha256: expected }: ProofResult,
): Promise<boolean> {
  const listed = await listValue(home, { system, key, fingerprint });
  const names = listed.map((version) => version.key.slice(valuePrefix(system, key, fingerprint).length));
  for (const { id } of offlineNames(names, recipients)) {
    const record = await readFirstVersion(home, escrowFactKey(system, key, fingerprint, OFFLINE, id));
    const fact = OfflineFact.safeParse(record && parseJson(record.body));
    if (fact.success && fact.data.sha256 === expected) return true;
  }
  return false;
}
