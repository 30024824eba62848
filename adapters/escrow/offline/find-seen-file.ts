import { OFFLINE, OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { offlineNames } from '../../../core/escrow/offline/files.ts';
import type { ProofResult } from '../../../core/escrow/offline/proof.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { hasBegun } from '../../../core/vault/ids.ts';
import { escrowFactKey, valuePrefix } from '../../../core/vault/keys.ts';
import { listValue, readFirstVersion } from '../open-envelope.ts';

/**
 * Which of the files that escrow made this is, by its bytes: a proof of one that it never made would say nothing of the one that it did.
 * Of a file that was made again there are several, and it matters which of them witnesses had before them.
 * @param now what is dated after it was made by no run, and stands for none that was
 * @returns the run of the file, empty for the first of its recipients; undefined when escrow made no such file
 */
export async function findSeenFile(
  home: ObjectReader,
  system: string,
  { key, fingerprint, recipients, sha256: expected }: ProofResult,
  now: Date,
): Promise<string | undefined> {
  const listed = await listValue(home, { system, key, fingerprint });
  const names = listed.map((version) => version.key.slice(valuePrefix(system, key, fingerprint).length));
  for (const { id, run } of offlineNames(names, recipients)) {
    const record = await readFirstVersion(home, escrowFactKey(system, key, fingerprint, OFFLINE, id));
    const fact = OfflineFact.safeParse(record && parseJson(record.body));
    if (fact.success && fact.data.sha256 === expected) return hasBegun(run, now) ? run : '';
  }
  return undefined;
}
