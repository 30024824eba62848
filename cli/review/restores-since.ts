import { parseJson } from '../../core/parse-json.ts';
import type { ReviewEvents } from '../../core/plan/review.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreFollowUp, RestoreResult } from '../../core/restore/result.ts';
import { readEvidence } from '../evidence/read-evidence.ts';

// Of later forms of the records, these fields.
const Restored = RestoreResult.pick({ finishedAt: true, asset: true, run: true }).loose();
const Undone = RestoreFollowUp.pick({ of: true }).loose();

/**
 * Restores that ended after `since` and were not undone, in any order. Records are named by when a run began: a long one may have begun
 * before many that ended earlier, and in the year before.
 */
export async function restoresSince(
  reader: ObjectReader,
  { system, since, now }: { system: string; since: string; now: Date },
): Promise<ReviewEvents['restores']> {
  const firstYear = new Date(since).getUTCFullYear() - 1;
  const years = Array.from({ length: Math.max(0, now.getUTCFullYear() - firstYear + 1) }, (_, i) => now.getUTCFullYear() - i);
  const undone = new Set<string>();
  for await (const { body } of readEvidence(reader, { system, kind: 'restore-undo', years })) {
    const record = Undone.safeParse(parseJson(body));
    if (record.success) undone.add(record.data.of);
  }
  const found: { at: string; asset: string; run: string }[] = [];
  for await (const { body } of readEvidence(reader, { system, kind: 'restore-result', years })) {
    const result = Restored.safeParse(parseJson(body));
    if (!result.success || undone.has(result.data.run)) continue;
    if (Date.parse(result.data.finishedAt) > Date.parse(since))
      found.push({ at: result.data.finishedAt, asset: result.data.asset, run: result.data.run });
  }
  return found;
}
