/** When the plan is due for its review, from its file and from what its vault holds. */
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { parseJson } from '../../core/parse-json.ts';
import { readPlanData } from '../../core/plan/load.ts';
import { decideReview, planFingerprint, type ReviewEvents, type ReviewState } from '../../core/plan/review.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreResult } from '../../core/restore/result.ts';
import { slowDrills } from '../../core/status/review-events.ts';
import { readDrills } from '../evidence/read-drills.ts';
import { readEvidence } from '../evidence/read-evidence.ts';
import { readPlanText } from '../plan-file.ts';
import type { Vault } from '../points.ts';
import type { Context } from '../verb.ts';

/** What the file says now, as a fingerprint. */
export const fingerprintOf = (file: string, directory: string): string =>
  planFingerprint(readPlanData(readPlanText(file, directory), file));

/**
 * @param evidences drills by asset, as they were read for whatever is shown
 * @param reader where restores since the last review are looked for
 */
export async function readReview(
  { plan, file, directory, now }: { plan: ProtectionPlan; file: string; directory: string; now: Date },
  { reader, evidences }: { reader: ObjectReader; evidences: Readonly<Record<string, readonly DrillEvidence[]>> },
): Promise<ReviewState> {
  const review = plan.agreement?.review;
  if (review === undefined) return { stated: false };
  const fingerprint = fingerprintOf(file, directory);
  // Where none was ever held, one is due whatever was restored.
  const restores = review.last && review.triggers.includes('incident') ? await restoresSince(reader, plan.system, review.last.at, now) : [];
  return decideReview(plan, { fingerprint, drills: slowDrills(plan, evidences), restores }, now);
}

async function restoresSince(reader: ObjectReader, system: string, since: string, now: Date): Promise<ReviewEvents['restores']> {
  const found: { at: string; asset: string; run: string }[] = [];
  const firstYear = new Date(since).getUTCFullYear();
  const years = Array.from({ length: Math.max(0, now.getUTCFullYear() - firstYear + 1) }, (_, i) => now.getUTCFullYear() - i);
  for await (const { body } of readEvidence(reader, { system, kind: 'restore-result', years })) {
    // Of later forms of the record, these three fields.
    const result = RestoreResult.pick({ finishedAt: true, asset: true, run: true }).loose().safeParse(parseJson(body));
    if (!result.success) continue;
    // Newest first.
    if (Date.parse(result.data.finishedAt) <= Date.parse(since)) break;
    found.push({ at: result.data.finishedAt, asset: result.data.asset, run: result.data.run });
  }
  return found;
}

/** For the colours: since when, and the oldest of the reasons. */
export const reviewDue = (state: ReviewState): { at: string; why: string } | undefined => {
  const first = state.stated ? state.reasons[0] : undefined;
  return first && { at: first.dueAt, why: first.text };
};

export const reviewParts = (context: Context) => ({
  plan: context.plan(),
  file: context.planFile(),
  directory: context.frame.workingDirectory,
  now: context.frame.now(),
});

/** The same for a verb that has read no drills. */
export async function readReviewOf(context: Context, vault: Vault): Promise<ReviewState> {
  const parts = reviewParts(context);
  if (parts.plan.agreement?.review === undefined) return { stated: false };
  return vault.reading(async () => {
    const evidences = Object.fromEntries(await readDrills(vault.reader, parts.plan, parts.now));
    return readReview(parts, { reader: vault.reader, evidences });
  });
}
