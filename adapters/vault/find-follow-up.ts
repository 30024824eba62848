import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreFollowUp } from '../../core/restore/result.ts';
import { evidenceKey, evidenceKindPrefix, isSignatureKey } from '../../core/vault/keys.ts';
import { readRecord } from './read-records.ts';

// Of later forms of the record, these fields.
const Followed = RestoreFollowUp.pick({ of: true, run: true }).loose();

type Of = { system: string; run: string; now: Date };
/** Runs: the one that put the old database back, and the one that dropped it. */
export type FollowUps = { undoneBy: string | undefined; droppedBy: string | undefined };

export const NOTHING_KEPT: FollowUps = { undoneBy: undefined, droppedBy: undefined };

/** What became of the database that a restore has kept, as the records of that say. */
export const findFollowUps = async (vault: ObjectReader, of: Of): Promise<FollowUps> => ({
  undoneBy: await findFollowUp(vault, 'undo', of),
  droppedBy: await findFollowUp(vault, 'finish', of),
});

/** Such a run began later than what it is about. */
async function findFollowUp(vault: ObjectReader, action: 'undo' | 'finish', { system, run, now }: Of): Promise<string | undefined> {
  const kind = `restore-${action}` as const;
  const first = evidenceKey(system, kind, run);
  for (let year = Number(run.slice(0, 4)); year <= now.getUTCFullYear(); year += 1) {
    let seen = '';
    for await (const { key } of vault.listVersions(evidenceKindPrefix(system, String(year), kind))) {
      if (key === seen || key < first || isSignatureKey(key)) continue;
      seen = key;
      const record = await readRecord(vault, key);
      const found = record && Followed.safeParse(parseJson(record.body)).data;
      if (found?.of === run) return found.run;
    }
  }
  return undefined;
}
