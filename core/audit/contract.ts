/** What the audit machine and its functions say to one another. A run looks at one side: the vault, or in its region the replica. */
import * as z from 'zod';
import { LockTerm } from '../lock/lock-terms.ts';
import { RetentionPolicy } from '../retention/policy.ts';
import { VaultSide } from '../vault/side.ts';
import { Expectation } from './expectation.ts';
import { KEY_STORES } from '../escrow/key-place.ts';
import { Finding } from './findings.ts';

/** A run is over before the next day's begins. */
export const AUDIT_TIMEOUT_SECONDS = 20 * 3600;

/** Findings that a run names; it counts the others. Each is some hundred bytes, and a payload holds 256 KiB. */
export const MOST_FINDINGS = 200;

/** Calls of the step that looks at objects, each of ten minutes at most: what is left then is named as not looked at. */
export const MOST_CALLS = 100;

/** Input of the machine: one asset, or all of the plan; every point, or the newest and the day's sample of the older ones. */
export const AuditInput = z.strictObject({ asset: z.string().optional(), all: z.boolean().optional() });

/** One asset, and how long the plan locks and keeps its points. The machine's definition holds that: a function's environment has 4 KB. */
export const AuditedAsset = z.strictObject({ asset: z.string(), term: LockTerm, policy: RetentionPolicy });
export type AuditedAsset = z.infer<typeof AuditedAsset>;

// --- begin
export const BeginAuditRequest = z.object({
  input: z.unknown(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  assets: z.array(AuditedAsset),
});
export const BeginAuditAnswer = z.object({
  run: z.string(),
  assets: z.array(AuditedAsset),
  /** Whether the run is about every asset of the plan, evidence included. */
  isWhole: z.boolean(),
  /** Whether every point is looked at whole. */
  all: z.boolean(),
});
export type BeginAuditAnswer = z.infer<typeof BeginAuditAnswer>;
export const BeginAuditEnvironment = z.object({ SYSTEM: z.string() });
export const AuditEnvironment = z.object({ SYSTEM: z.string(), SIDE: VaultSide, VAULT_BUCKET: z.string() });
export const CheckObjectsEnvironment = z.object({ ...AuditEnvironment.shape, ESCROW_BUCKET: z.string() });

// --- buckets and keys
export const CheckSettingsEnvironment = z.object({ SYSTEM: z.string() });
/** By name alone, for a plan of many databases has many: those that are missed, and those that may be made on the day that they are needed. */
export const AuditedLogins = z.object({ needed: z.array(z.string()), toCome: z.array(z.string()) });
export type AuditedLogins = z.infer<typeof AuditedLogins>;
/** `sources`: secrets and parameters of the region that the plan's keys are in; `logins`: secrets there that are logged in with. */
export const CheckSettingsRequest = z.object({
  expected: Expectation,
  sources: z.array(z.object({ store: z.enum(KEY_STORES), name: z.string() })).default([]),
  logins: AuditedLogins.default({ needed: [], toCome: [] }),
});
/** `vaultKeyArn`: empty when there is no such key. `canRead`: whether the vault can be read at all. */
export const CheckSettingsAnswer = z.object({ findings: z.array(Finding), vaultKeyArn: z.string(), canRead: z.boolean() });
export type CheckSettingsAnswer = z.infer<typeof CheckSettingsAnswer>;

// --- objects; called until it says that nothing is left
/** Which older points are looked at whole: those whose number is among `residues`, of `SAMPLE_DAYS`. The first call says which. */
export const Sample = z.strictObject({ residues: z.array(z.int().min(0)) });
/** How far the walk has come: the asset, and of its points the last one that was looked at whole. Past the assets there is evidence. */
export const AuditCursor = z.strictObject({ asset: z.int().min(0), after: z.string() });
export type AuditCursor = z.infer<typeof AuditCursor>;
export const AuditTally = z.strictObject({
  /** Points seen by the listing, and those of which every version was looked at. */
  points: z.int(),
  wholePoints: z.int(),
  /** Versions of records that were listed, and versions whose lock and encryption were asked for. */
  listed: z.int(),
  versions: z.int(),
  /** All findings of the walk, named or not. */
  findings: z.int(),
  calls: z.int(),
});
export type AuditTally = z.infer<typeof AuditTally>;
export const CheckObjectsRequest = z.object({
  assets: z.array(AuditedAsset),
  evidence: LockTerm,
  sample: Sample,
  isWhole: z.boolean(),
  all: z.boolean(),
  vaultKeyArn: z.string(),
  cursor: AuditCursor,
  tally: AuditTally,
  /** Findings that may still be named. */
  room: z.int().min(0),
});
export type CheckObjectsRequest = z.infer<typeof CheckObjectsRequest>;
export const CheckObjectsAnswer = z.object({
  isDone: z.boolean(),
  sample: Sample,
  cursor: AuditCursor,
  tally: AuditTally,
  findings: z.array(Finding),
});
export type CheckObjectsAnswer = z.infer<typeof CheckObjectsAnswer>;

// --- evidence
export const WriteAuditRequest = z.object({
  run: z.string(),
  execution: z.string(),
  assets: z.array(AuditedAsset),
  sample: Sample,
  isWhole: z.boolean(),
  tally: AuditTally,
  findings: z.array(Finding),
});
export type WriteAuditRequest = z.infer<typeof WriteAuditRequest>;
/** `REGION`: of the vault, and `PLAN_FILE`: what was deployed, for the commands that findings name. */
export const WriteAuditEnvironment = z.object({
  ...AuditEnvironment.shape,
  REGION: z.string(),
  PLAN_FILE: z.string(),
  ALARM_TOPIC_ARN: z.string(),
});

export const AUDIT_FORMAT = 'holdfast/audit/v1';
const Told = { what: z.string(), fix: z.string(), command: z.string() };
const ToldFinding = z.strictObject({ finding: Finding, ...Told });
/** `evidence/<system>/<YYYY>/audit-<run>.json`: what was looked at, and what was not as the plan says. */
export const AuditEvidence = z.strictObject({
  format: z.literal(AUDIT_FORMAT),
  kind: z.literal('audit'),
  system: z.string(),
  side: VaultSide,
  bucket: z.string(),
  run: z.string(),
  execution: z.string(),
  at: z.iso.datetime({ offset: false }),
  assets: z.array(z.string()),
  isWhole: z.boolean(),
  sample: z.strictObject({ newest: z.int(), days: z.int(), residues: z.array(z.int()) }),
  looked: AuditTally,
  findings: z.array(ToldFinding),
  /** Findings beyond those, which are only counted. */
  more: z.int(),
});
export type AuditEvidence = z.infer<typeof AuditEvidence>;

/** `keys`: evidence that is to be signed, locked and copied. */
export const WriteAuditAnswer = z.object({ keys: z.array(z.string()), findings: z.int(), told: z.array(z.object(Told)) });
export type WriteAuditAnswer = z.infer<typeof WriteAuditAnswer>;

/** What the machine ends with when it succeeds: also when something is not as the plan says. */
export const AuditOutput = z.object({
  run: z.string(),
  evidence: z.array(z.string()),
  findings: z.int(),
  told: z.array(z.object(Told)),
  looked: AuditTally,
});
export type AuditOutput = z.infer<typeof AuditOutput>;
