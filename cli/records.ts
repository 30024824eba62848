/** All that the colours and the evidence page are decided from, read from vault, replica and escrow under the asker's credentials. */
import type { DrillEvidence } from '../core/drill/contract.ts';
import { OFFLINE_PROOF, OfflineProofEvidence } from '../core/escrow/offline/proof.ts';
import type { ReviewState } from '../core/plan/review.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import type { ReportRecords } from '../core/report/build-report.ts';
import type { SystemRecords } from '../core/status/decide-colour.ts';
import { describeLeftKey } from '../core/status/left-keys.ts';
import { summarizeDrill, summarizeKey } from '../core/status/summary.ts';
import { isAhead } from '../core/status/time.ts';
import type { ListedPoint } from '../core/vault/read-point.ts';
import { summarizePoint } from '../core/vault/summarize-point.ts';
import type { PointSummary } from '../core/vault/summarize-point.ts';
import { postgresAssets } from './assets.ts';
import type { Connection, VaultPlace } from './connection.ts';
import { readDrills } from './evidence/read-drills.ts';
import { readNewestOf } from './evidence/read-evidence.ts';
import type { LostPoints } from './lost-points.ts';
import { readEscrow, readKeyNames, readKeyWatches, type EscrowOfKey, type Note } from './escrow-records.ts';
import { markStrays, type EscrowMark } from './escrow-strays.ts';
import { readNewest } from './points.ts';
import type { ReadPoint, Vault } from './points.ts';
import { readReview, reviewDue } from './review/read-review.ts';

const MOST_PROOFS = 40;

export type Records = {
  points: Record<string, ReadPoint[]>;
  /** What the colours are decided from, by asset, whatever is shown. */
  judged: Record<string, ReadPoint[]>;
  /** How many points there are beyond those that are shown, by asset. */
  older: Record<string, number>;
  /** Points that are gone and did not expire, by asset. */
  lost: Record<string, LostPoints>;
  /** Points that are there and passed over for a tombstone, by asset. */
  expiring: Record<string, ListedPoint[]>;
  report: ReportRecords;
  colours: SystemRecords;
  /** By key: what somebody left in escrow beside its objects. */
  marks: Record<string, EscrowMark[]>;
  review: ReviewState;
  /** What could not be read, and therefore counts as not known. */
  notes: string[];
};

export type RecordsParts = {
  plan: ProtectionPlan;
  /** As it is called in messages, and where that path begins: what the file says is compared with what was reviewed. */
  file: string;
  directory: string;
  connection: Connection;
  vault: Vault;
  /** Which of the two vaults that is. */
  from: VaultPlace;
  environment: Record<string, string | undefined>;
  now: Date;
};

/** @param limit how many points of each asset are shown, newest first; the colours do not depend on it */
export async function readRecords(parts: RecordsParts, limit: number): Promise<Records> {
  const { plan, vault, now } = parts;
  const points: Records['points'] = {};
  const judged: Records['judged'] = {};
  const older: Records['older'] = {};
  const lost: Records['lost'] = {};
  const expiring: Records['expiring'] = {};
  const isVerified = (point: ReadPoint) => summaryOf(point).some((one) => one.verifiedAt !== undefined && !isAhead(one.consistentAt, now));
  for (const { id } of postgresAssets(plan)) {
    const read = await readNewest(vault, id, limit, isVerified);
    points[id] = read.shown;
    judged[id] = read.judged;
    older[id] = read.older;
    lost[id] = read.lost;
    expiring[id] = read.expiring;
  }
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const evidences = await readEvidences(vault.reader, plan, now, note);
  const escrow: Record<string, EscrowOfKey> = {};
  const inEscrow = await readKeyNames(parts, note);
  for (const key of new Set([...keysOf(plan, [...Object.values(points), ...Object.values(judged)].flat()), ...inEscrow]))
    escrow[key] = await readEscrow(parts, key, now, note);

  const leftKeys = Object.entries(escrow).flatMap(([key, { versions }]) =>
    plan.assets.some(({ id, kind }) => kind === 'key' && id === key)
      ? []
      : (describeLeftKey(
          key,
          versions.map(({ state }) => state),
        )?.text ?? []),
  );
  const keyWatches = await readKeyWatches(parts, now, note);
  const marks = Object.fromEntries(Object.entries(escrow).map(([key, { strays }]) => [key, markStrays(strays)]));
  const all = Object.values(evidences).flat();
  const review = await readReview(parts, { reader: vault.reader, evidences });
  return {
    points,
    judged,
    older,
    lost,
    expiring,
    marks,
    review: review.state,
    report: {
      points: summariesOf(points),
      evidences,
      escrow: Object.fromEntries(
        Object.entries(escrow).map(([key, known]) => [key, { ...known, marks: (marks[key] ?? []).map(({ text }) => text) }]),
      ),
      leftKeys,
      offlineProofs: await readOfflineProofs(vault.reader, plan.system, now),
    },
    colours: {
      points: summariesOf(judged),
      drills: Object.fromEntries(Object.entries(evidences).map(([id, found]) => [id, found.map(summarizeDrill)])),
      keys: Object.fromEntries(
        Object.entries(escrow).map(([key, { current, readBacks, ...known }]) => [
          key,
          summarizeKey(key, current, readBacks, all, plan.home.region, known),
        ]),
      ),
      reviewDue: reviewDue(review.state),
      keyWatches,
    },
    notes: [...new Set([...notes, ...review.notes])],
  };
}

/** Those of the plan, and those that left it and are named by points of before. */
const keysOf = (plan: ProtectionPlan, points: readonly ReadPoint[]): Set<string> =>
  new Set([
    ...plan.assets.flatMap((asset) => (asset.kind === 'key' ? asset.id : [])),
    ...points.flatMap((point) => ('records' in point ? point.records.manifest.keys.map(({ key }) => key) : [])),
  ]);

/** None when its records are damaged. */
const summaryOf = (point: ReadPoint): PointSummary[] =>
  'records' in point ? [summarizePoint(point.records.manifest, point.records.facts)] : [];

const summariesOf = (points: Records['points']) =>
  Object.fromEntries(Object.entries(points).map(([id, read]) => [id, read.flatMap(summaryOf)]));

/** Evidence of drills, by asset, oldest first. */
export async function readEvidences(
  reader: ObjectReader,
  plan: ProtectionPlan,
  now: Date,
  note: Note,
): Promise<Record<string, DrillEvidence[]>> {
  const drills = await readDrills(reader, plan, now, note);
  return Object.fromEntries(plan.assets.map(({ id }) => [id, (drills.get(id) ?? []).toReversed()]));
}

/** Evidence of witnessed proofs, oldest first, as many as a page shows. One that is no evidence adds nothing to its facts. */
const readOfflineProofs = async (reader: ObjectReader, system: string, now: Date): Promise<OfflineProofEvidence[]> =>
  (
    await readNewestOf(
      reader,
      { system, kind: OFFLINE_PROOF, now, most: MOST_PROOFS },
      (record) => OfflineProofEvidence.safeParse(record).data,
    )
  ).toReversed();
