/** When the plan is due for its review, from its file and from what its vault holds. */
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { readPlanData } from '../../core/plan/load.ts';
import { decideReview, planFingerprint, type ReviewState } from '../../core/plan/review.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ReviewDue } from '../../core/status/decide-database.ts';
import { slowDrills } from '../../core/status/review-events.ts';
import { readDrills } from '../evidence/read-drills.ts';
import { joinDrills, onceEach, readOtherRegion, type RegionParts } from '../evidence/read-other-region.ts';
import { readPlanText } from '../plan-file.ts';
import type { VaultPlace } from '../connection.ts';
import type { Vault } from '../points.ts';
import type { Context } from '../verb.ts';
import { restoresSince } from './restores-since.ts';

/** What the file says now, as a fingerprint. */
export const fingerprintOf = (file: string, directory: string): string =>
  planFingerprint(readPlanData(readPlanText(file, directory), file));

type ReviewParts = { plan: ProtectionPlan; file: string; directory: string; now: Date };
type ReadReview = { state: ReviewState; notes: string[] };

/**
 * What both regions hold counts: an incident that was ended from the replica is one.
 * @param evidences drills by asset, as they were read for whatever is shown
 * @param reader where restores since the last review are looked for
 */
export async function readReview(
  { plan, file, directory, now, ...region }: ReviewParts & RegionParts,
  { reader, evidences }: { reader: ObjectReader; evidences: Readonly<Record<string, readonly DrillEvidence[]>> },
): Promise<ReadReview> {
  const review = plan.agreement?.review;
  if (review === undefined) return { state: { stated: false }, notes: [] };
  const fingerprint = fingerprintOf(file, directory);
  // Where none was ever held, one is due whatever was restored.
  const since = review.triggers.includes('incident') ? review.last?.at : undefined;
  const restoresOf = async (of: ObjectReader) => (since === undefined ? [] : restoresSince(of, { system: plan.system, since, now }));
  const other = await readOtherRegion({ plan, ...region }, async (of) => ({
    drills: Object.fromEntries(await readDrills(of, plan, now)),
    restores: await restoresOf(of),
  }));
  const restores = onceEach(await restoresOf(reader), other.found?.restores ?? []);
  const drills = slowDrills(plan, joinDrills(evidences, other.found?.drills, 'newest first'));
  return { state: decideReview(plan, { fingerprint, drills, restores }, now), notes: other.found ? [] : [other.note] };
}

/** For the colours: since when, and the oldest of the reasons. */
export const reviewDue = (state: ReviewState): ReviewDue | undefined => {
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
export async function readReviewOf(context: Context, vault: Vault, from: VaultPlace): Promise<ReadReview> {
  const parts = { ...reviewParts(context), from, environment: context.frame.environment };
  if (parts.plan.agreement?.review === undefined) return { state: { stated: false }, notes: [] };
  const connection = await context.connect();
  return vault.reading(async () => {
    const evidences = Object.fromEntries(await readDrills(vault.reader, parts.plan, parts.now));
    return readReview({ ...parts, connection }, { reader: vault.reader, evidences });
  });
}
