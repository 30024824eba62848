/**
 * What the backup machine, its functions and its tasks say to one another. Environments are what infrastructure must supply, by
 * the compiler's word: a construct's `environment` has the type of the schema that the handler parses.
 */
import * as z from 'zod';
import { LockTerm } from '../lock/lock-terms.ts';
import { RestoreSelection } from '../restore/selection.ts';
import { RestoreAction, RestoreTarget } from '../restore/target.ts';
import { isSlot } from '../vault/ids.ts';
import { VaultSide } from '../vault/side.ts';

/**
 * Input of the machine. Scheduler sends `slot` as `<aws.scheduler.scheduled-time>`; a person sends the asset alone, or with `point`
 * the id of a point whose run ended before the point was finished. A slot whose point is unfinished has the same effect.
 */
export const BackupInput = z
  .strictObject({ asset: z.string(), slot: z.iso.datetime({ offset: true }).optional(), point: z.string().optional() })
  .refine(({ slot, point }) => slot === undefined || point === undefined, '"slot" and "point" exclude each other');

/** One attempt at one slot: what every later state needs, and no more. */
export const Attempt = z.object({
  system: z.string(),
  asset: z.string(),
  slot: z.string().refine(isSlot),
  point: z.string().refine(isSlot),
  claim: z.int().min(1),
  /** Id of this run: names the facts that it writes. */
  run: z.string(),
});
export type Attempt = z.infer<typeof Attempt>;

// --- admit
export const AdmitRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
export const AdmitAnswer = z.discriminatedUnion('admitted', [
  /**
   * `committed`: the dump was made by an earlier run, which did not finish its point. `lastPoint`: the newest that is committed and
   * older; empty when there is none, or no dump to make.
   */
  z.object({ admitted: z.literal(true), committed: z.boolean(), lastPoint: z.string(), ...Attempt.shape }),
  z.object({ admitted: z.literal(false), reason: z.string(), point: z.string().optional() }),
]);
export type AdmitAnswer = z.infer<typeof AdmitAnswer>;
/** `ASSETS`: ids of the assets that this machine backs up, comma-separated: a wrong name is answered with these. */
export const AdmitEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), ASSETS: z.string() });

// --- dump (Fargate); the overrides carry the ids, the task definition everything else
export const DumpEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  /** The asset's part of the plan, as JSON (`PostgresAsset`). */
  ASSET_PLAN: z.string(),
  /** Where fingerprints of needed keys are looked up (listing only). */
  ESCROW_BUCKET: z.string(),
  POINT: z.string(),
  CLAIM: z.string(),
  TRY: z.string(),
  RUN: z.string(),
  /** Id of the point before this one; empty when there is none. */
  LAST_POINT: z.string().default(''),
});
// --- verify (Fargate)
export const VerifyEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  ASSET_PLAN: z.string(),
  POINT: z.string(),
  RUN: z.string(),
  TRY: z.string(),
});

// --- lock; `keys` are further objects to lock as long as the point (chain link, runs)
/** `term` is the plan's for the asset; `until` is given where a point is to be locked for longer than from its commit on. */
export const LockPointRequest = z.object({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  term: LockTerm,
  until: z.iso.datetime({ offset: false }).optional(),
  keys: z.array(z.string()).default([]),
});
/** Evidence and other objects that no point owns: locked for the plan's evidence retention. */
export const LockEvidenceRequest = z.strictObject({ keys: z.array(z.string()).min(1) });
export const LockRequest = z.union([LockPointRequest, LockEvidenceRequest]);
/** `EVIDENCE_DAYS`: days that evidence is locked; `LONGEST_LOCK_DAYS`: what a point may be locked for at most, as the bucket's policy has it. */
export const LockEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  SIDE: VaultSide,
  LONGEST_LOCK_DAYS: z.string(),
  EVIDENCE_DAYS: z.string(),
  EVIDENCE_MODE: z.string(),
});

// --- copy
/** Parts of one object that is more than one batch. */
export const CopyPart = z.object({
  key: z.string(),
  versionId: z.string(),
  uploadId: z.string(),
  sizeBytes: z.int(),
  firstPart: z.int(),
  lastPart: z.int(),
  partBytes: z.int(),
});
export type CopyPart = z.infer<typeof CopyPart>;
/**
 * Objects of which a batch holds several, by their places in the manifest's list: from the first to the last of each range, counted from 0.
 * The keys of thousands of objects are more than a payload holds.
 */
export const CopyObjects = z.object({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  objects: z.array(z.tuple([z.int().min(0), z.int().min(0)])).min(1),
});
export type CopyObjects = z.infer<typeof CopyObjects>;
export const CopyBatch = z.union([CopyPart, CopyObjects]);
export type CopyBatch = z.infer<typeof CopyBatch>;
export const CopyPointRequest = z.object({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  keys: z.array(z.string()).default([]),
});
export const CopyPlan = z.object({ batches: z.array(CopyBatch) });
/** Ends the uploads that `plan-copy` began; `batches` is its answer, handed on. */
export const CompleteCopyRequest = z.object({ ...CopyPointRequest.shape, batches: z.array(CopyBatch) });
/** What was written after the copy of a point, or records that no point owns. */
export const CopyRecordsRequest = z.union([CopyPointRequest, LockEvidenceRequest]);
export const CopyEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  REPLICA_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
  EVIDENCE_DAYS: z.string(),
  EVIDENCE_MODE: z.string(),
});

// --- sign; one function signs for every stage
export const SignRequest = z.object({ keys: z.array(z.string()).min(1) });
export const SignEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), SIGNING_KEY_ALIAS: z.string() });

// --- record
export const RecordRequest = z.object({ ...Attempt.shape });
/** `link`: key of the point's link; `sign`: keys of what vouches for the point, and for what was repaired on the way. */
export const RecordAnswer = z.object({ link: z.string(), sign: z.array(z.string()) });
/** `LONGEST_RUNS`: JSON of `{ [asset]: seconds }`, the plan's `schedule.longestRun`: a point recorded later than that is not a new one. */
export const RecordEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), LONGEST_RUNS: z.string() });

// --- failures of every stage: classified, retried or told
export const ReportFailureRequest = z.object({
  stage: z.enum(['backup', 'escrow', 'drill', 'restore', 'retention', 'hold', 'audit']),
  /** Name of the state that failed, as the console shows it. */
  step: z.string(),
  asset: z.string(),
  point: z.string().optional(),
  run: z.string().optional(),
  /** The claim that the run holds, where it has got one. */
  claim: z.int().optional(),
  execution: z.string(),
  /** Tries of this step so far, the failed one included. */
  tries: z.int().min(1),
  /** What a restore was to make, and of what of the point. */
  database: z.string().optional(),
  selection: RestoreSelection.optional(),
  target: RestoreTarget.optional(),
  withoutKeys: z.boolean().optional(),
  /** What the restore machine was asked for, and the run of the earlier restore that it is about. */
  action: RestoreAction.optional(),
  of: z.string().optional(),
  /** What a drill plays, as it was asked for. */
  scenario: z.string().optional(),
  error: z.object({ Error: z.string(), Cause: z.string().default('') }),
});
export const ReportFailureAnswer = z.object({ failure: z.string(), retry: z.boolean(), waitSeconds: z.int(), message: z.string() });
export const ReportFailureEnvironment = z.object({
  SYSTEM: z.string(),
  SIDE: VaultSide,
  VAULT_BUCKET: z.string(),
  ALARM_TOPIC_ARN: z.string(),
});

/** What the machine ends with when it succeeds. */
export const BackupOutput = z.discriminatedUnion('committed', [
  z.object({ committed: z.literal(true), system: z.string(), asset: z.string(), point: z.string(), run: z.string(), link: z.string() }),
  z.object({ committed: z.literal(false), reason: z.string() }),
]);
