/**
 * Facts: what became true of a point after its commit. Each is a small object beside the manifest, written once, named
 * `<kind>-<id>.json` by the run that found it out. What holds now is decided from all facts of a kind.
 */
import * as z from 'zod';
import { StoredObject } from './manifest.ts';

export const FACT_FORMAT = 'holdfast/fact/v1';

const Instant = z.iso.datetime({ offset: false });
const common = {
  format: z.literal(FACT_FORMAT),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  id: z.string(),
  at: Instant,
};

export const VerifiedFact = z.strictObject({
  ...common,
  kind: z.literal('verified'),
  bytesRead: z.int(),
  /** Rows of each table, counted in the archive's own COPY streams. */
  rows: z.array(z.strictObject({ table: z.string(), rows: z.int() })),
  largeObjects: z.int(),
});
/** Of the one vault or the other: written beside the replica, of whose objects it is true, and not beside home's. */
const beside = { from: z.literal('replica').optional() };
export const LockedFact = z.strictObject({
  ...common,
  ...beside,
  kind: z.literal('locked'),
  mode: z.enum(['governance', 'compliance']),
  until: Instant,
  objects: z.int(),
});
export const ReplicatedFact = z.strictObject({
  ...common,
  kind: z.literal('replicated'),
  bucket: z.string(),
  region: z.string(),
  lockedUntil: Instant,
  /** The manifest's objects as they stand in the replica: their own version ids, read back after the copy. */
  objects: z.array(StoredObject.pick({ key: true, versionId: true, sizeBytes: true, crc: true })),
});
export const DrilledFact = z.strictObject({
  ...common,
  kind: z.literal('drilled'),
  outcome: z.enum(['passed', 'failed']),
  evidence: z.string(),
  rtoSeconds: z.number(),
  from: z.enum(['vault', 'replica']),
  reasons: z.array(z.string()),
});
/** A legal hold, by its name: as long as it is not released the point stays, whatever the plan says. */
const ofHold = { hold: z.string(), reason: z.string(), by: z.string() };
/** What is kept of it, and of its release, when its point is gone. */
export const PastHold = z.strictObject({ kind: z.enum(['held', 'released']), ...ofHold, at: Instant });
export type PastHold = z.infer<typeof PastHold>;
/** The point has expired: written before anything of it is deleted, and all that stays of it. Its id is the run's. */
export const TombstoneFact = z.strictObject({
  ...common,
  kind: z.literal('tombstone'),
  manifestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  reasons: z.array(z.string()),
  /** Versions of data that were there. */
  objects: z.int(),
  /** Holds that stood on it and their releases, in their order; absent where there were none. */
  holds: z.array(PastHold).optional(),
});
export const HeldFact = z.strictObject({ ...common, ...beside, kind: z.literal('held'), ...ofHold });
export const ReleasedFact = z.strictObject({ ...common, ...beside, kind: z.literal('released'), ...ofHold });
export const Fact = z.discriminatedUnion('kind', [
  VerifiedFact,
  LockedFact,
  ReplicatedFact,
  DrilledFact,
  TombstoneFact,
  HeldFact,
  ReleasedFact,
]);
export type Fact = z.infer<typeof Fact>;
export type VerifiedFact = z.infer<typeof VerifiedFact>;
export type LockedFact = z.infer<typeof LockedFact>;
export type ReplicatedFact = z.infer<typeof ReplicatedFact>;
export type DrilledFact = z.infer<typeof DrilledFact>;
export type TombstoneFact = z.infer<typeof TombstoneFact>;
export type HeldFact = z.infer<typeof HeldFact>;
export type ReleasedFact = z.infer<typeof ReleasedFact>;
