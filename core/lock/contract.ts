/** What the machine of holds and its functions say to one another, and what the retention machine asks of locks and holds. */
import * as z from 'zod';
import { RetentionPolicy } from '../retention/policy.ts';
import { slug } from '../plan/schema-parts.ts';
import { isSlot } from '../vault/ids.ts';
import { VaultSide } from '../vault/side.ts';
import { LockTerm } from './lock-terms.ts';

/** Setting a legal hold on a million objects takes some hours. */
export const HOLD_TIMEOUT_SECONDS = 6 * 3600;

/** Input of the machine. A person may start it with no more than this in the console of Step Functions. */
export const HoldInput = z.strictObject({
  action: z.enum(['add', 'release'], { error: 'is "add" or "release"' }),
  asset: slug('an asset id', 24),
  point: z.string().refine(isSlot, 'is an id such as 20261121T020000Z'),
  reason: z.string().min(5, 'says why, in five characters or more').max(500, 'has at most 500 characters'),
  /** Of the hold. A new one is named by its run when absent; to be released, the only one that stands. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'has letters, digits, hyphens, dots and underscores, 64 at most')
    .optional(),
  /** Who wants it, for people; who started the execution, CloudTrail knows. */
  by: z.string().min(1).max(200).optional(),
});
export type HoldInput = z.infer<typeof HoldInput>;

// --- write it down
export const RecordHoldEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), SIDE: VaultSide });
export const RecordHoldRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
export const RecordHoldAnswer = z.object({
  run: z.string(),
  asset: z.string(),
  point: z.string(),
  hold: z.string(),
  /** False when it was so before. */
  changed: z.boolean(),
  /** Names of the holds that stand now. */
  holds: z.array(z.string()),
  /** Keys of what is to be signed, locked and copied. */
  sign: z.array(z.string()),
  replicated: z.boolean(),
});
export type RecordHoldAnswer = z.infer<typeof RecordHoldAnswer>;

// --- set S3's legal holds to what the facts say
export const HoldObjectsEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });
/**
 * `after`: the last key of the data that an earlier call has done, and `held` what it set. `hold`: the one that was put on just now,
 * which has to be among the facts.
 */
export const HoldObjectsRequest = z.object({
  asset: z.string(),
  point: z.string(),
  after: z.string().optional(),
  held: z.boolean().optional(),
  hold: z.string().optional(),
});
/** `after` is empty when all is done; else the call is made again with it. */
export const HoldObjectsAnswer = z.object({ held: z.boolean(), objects: z.int(), after: z.string() });
export type HoldObjectsAnswer = z.infer<typeof HoldObjectsAnswer>;

/** What the machine ends with when it succeeds. */
export const HoldOutput = z.object({
  asset: z.string(),
  point: z.string(),
  hold: z.string(),
  changed: z.boolean(),
  holds: z.array(z.string()),
  objects: z.int(),
  replicated: z.boolean(),
  records: z.array(z.string()),
});

// --- what the retention machine finds due before anything expires
export const FindDueEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), SIDE: VaultSide });
export const FindDueRequest = z.object({ asset: z.string(), run: z.string(), policy: RetentionPolicy, term: LockTerm });
export const FindDueAnswer = z.object({
  /** Points whose lock ends too early. */
  extend: z.array(z.object({ point: z.string(), until: z.string() })),
  /** Points on whose objects S3's holds are not as the facts say. */
  settle: z.array(z.string()),
  /** Facts of locks and holds that a run which was killed has left without their signatures. */
  sign: z.array(z.string()),
  /** Points that are to be locked and cannot be read: what is wrong with each, as a sentence. */
  unreadable: z.array(z.string()),
  /** How much more there is, for later runs. */
  later: z.int(),
});
export type FindDueAnswer = z.infer<typeof FindDueAnswer>;
