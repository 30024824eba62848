/**
 * What the retention machine and its functions say to one another. One execution of the machine goes through the assets; each asset is
 * an execution of its own, and so is each batch of points that expire.
 */
import * as z from 'zod';
import { PastHold } from '../vault/facts.ts';
import { RetentionPolicy } from './policy.ts';

/** A run is over before the next day's begins. */
export const RETENTION_TIMEOUT_SECONDS = 20 * 3600;

/** Input of the machine: one asset, or all of the plan. */
export const RetentionInput = z.strictObject({ asset: z.string().optional() });

export const ListAssetsEnvironment = z.object({ SYSTEM: z.string() });
export const RetentionEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

// --- list the assets
/** `assets`: those that the plan has a policy for. The machine's definition holds the policies: a function's environment has 4 KB. */
export const ListAssetsRequest = z.object({
  input: z.unknown(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  assets: z.array(z.string()),
});
export const ListAssetsAnswer = z.object({ run: z.string(), assets: z.array(z.string()) });

// --- decide
/** One asset in one run. */
export const AssetRun = z.object({ asset: z.string(), run: z.string() });
export type AssetRun = z.infer<typeof AssetRun>;
export const DecideRequest = z.object({ ...AssetRun.shape, policy: RetentionPolicy });
export type DecideRequest = z.infer<typeof DecideRequest>;
/** `plan`: key of the expiry plan, which is written only when a point expires. `later`: how many are left to later runs. */
export const DecideAnswer = z.object({ plan: z.string(), expires: z.int(), later: z.int(), keeps: z.int() });
export type DecideAnswer = z.infer<typeof DecideAnswer>;

// --- expire; the service makes batches of the plan's lines
/** A line of the expiry plan: the point, the hash of the manifest that was decided upon, and why it goes. */
export const ExpiryLine = z.strictObject({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  manifestSha256: z.string(),
  reasons: z.array(z.string()),
});
export type ExpiryLine = z.infer<typeof ExpiryLine>;
export const ExpireRequest = z.object({ BatchInput: DecideRequest, Items: z.array(ExpiryLine).min(1) });
/** A point of the plan that is still there: `failed` when it should be gone, and not when it was decided again and stays. */
export const KeptPoint = z.object({ point: z.string(), failed: z.boolean(), why: z.string() });
export type KeptPoint = z.infer<typeof KeptPoint>;
export const ExpireAnswer = z.object({ expired: z.int(), kept: z.array(KeptPoint) });
export type ExpireAnswer = z.infer<typeof ExpireAnswer>;

// --- sweep
/** `unreadable`: slots that were left alone because their point cannot be read, each a sentence. */
export const SweepAnswer = z.object({
  attempts: z.array(z.string()),
  objects: z.int(),
  bytes: z.int(),
  uploads: z.int(),
  refused: z.int(),
  unreadable: z.array(z.string()).default([]),
});
export type SweepAnswer = z.infer<typeof SweepAnswer>;

// --- cold storage
/** `marked`: objects that got the tag by which the bucket moves them; `later`: objects that are left to later runs. */
export const MarkColdAnswer = z.object({ points: z.int(), marked: z.int(), later: z.int() });
export type MarkColdAnswer = z.infer<typeof MarkColdAnswer>;

// --- evidence
export const WriteEvidenceRequest = z.object({
  ...AssetRun.shape,
  execution: z.string(),
  kept: z.array(KeptPoint),
  swept: SweepAnswer,
});
/** `keys`: evidence that is to be signed, locked and copied; none when nothing happened. `failed`: points that should be gone. */
export const WriteEvidenceAnswer = z.object({ keys: z.array(z.string()), expired: z.int(), failed: z.int() });
export type WriteEvidenceAnswer = z.infer<typeof WriteEvidenceAnswer>;

export const EXPIRY_FORMAT = 'holdfast/expiry/v1';
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** `evidence/<system>/<YYYY>/expiry-<run>-<asset>.json`: what went, why, and what was to go and is still there. */
export const ExpiryEvidence = z.strictObject({
  format: z.literal(EXPIRY_FORMAT),
  kind: z.literal('expiry'),
  system: z.string(),
  asset: z.string(),
  run: z.string(),
  execution: z.string(),
  at: z.iso.datetime({ offset: false }),
  bucket: z.string(),
  expired: z.array(
    z.strictObject({
      point: z.string(),
      manifestSha256: Sha256,
      expiredAt: z.string(),
      objects: z.int(),
      reasons: z.array(z.string()),
      /** As its tombstone has them. */
      holds: z.array(PastHold).optional(),
    }),
  ),
  kept: z.array(KeptPoint),
  swept: SweepAnswer,
  /** The tombstones, by their bytes: the signature of this record vouches for them. */
  records: z.array(z.strictObject({ key: z.string(), sha256: Sha256 })),
});
export type ExpiryEvidence = z.infer<typeof ExpiryEvidence>;

/** What the machine ends with when it succeeds; of an asset at which nothing happened only the name. */
export const RetentionOutput = z.object({
  run: z.string(),
  assets: z.array(
    z.object({
      asset: z.string(),
      expired: z.int().default(0),
      kept: z.int().default(0),
      later: z.int().default(0),
      sweptObjects: z.int().default(0),
      markedCold: z.int().default(0),
      /** Points whose locks were made longer, and points whose holds were put right. */
      extended: z.int().default(0),
      settled: z.int().default(0),
      evidence: z.array(z.string()).default([]),
    }),
  ),
});
