import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreFollowUp } from '../../core/restore/result.ts';
import { evidenceKey, evidenceKindPrefix, isSignatureKey } from '../../core/vault/keys.ts';
import { readRecord } from './read-records.ts';

// Of later forms of the record, these fields.
const Undone = RestoreFollowUp.pick({ of: true, run: true }).loose();

/** The run that undid a restore, as its record says; undefined when none did. An undo began later than what it undoes. */
export async function findUndo(
  vault: ObjectReader,
  { system, run, now }: { system: string; run: string; now: Date },
): Promise<string | undefined> {
  const first = evidenceKey(system, 'restore-undo', run);
  for (let year = Number(run.slice(0, 4)); year <= now.getUTCFullYear(); year += 1) {
    let seen = '';
    for await (const { key } of vault.listVersions(evidenceKindPrefix(system, String(year), 'restore-undo'))) {
      if (key === seen || key < first || isSignatureKey(key)) continue;
      seen = key;
      const record = await readRecord(vault, key);
      const undone = record && Undone.safeParse(parseJson(record.body)).data;
      if (undone?.of === run) return undone.run;
    }
  }
  return undefined;
}
