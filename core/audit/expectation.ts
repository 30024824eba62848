/**
 * What the buckets and keys of one side are to be. Infrastructure makes it from the plan, out of the same functions that make the
 * buckets and keys themselves, and the audit machine's definition carries it: nothing of it is read from what is audited.
 */
import * as z from 'zod';

/** A policy's statement as it was written: which fields it has depends on what it says. */
export const PolicyStatement = z.looseObject({ Sid: z.string() });
export type PolicyStatement = z.infer<typeof PolicyStatement>;
export const PolicyDocument = z.looseObject({ Statement: z.array(PolicyStatement) });
export type PolicyDocument = z.infer<typeof PolicyDocument>;

const LockMode = z.enum(['governance', 'compliance']);

/** A rule by its name and what it does, in the words of S3: how often it is met tells nothing about what is lost. */
export const LifecycleRule = z.looseObject({ ID: z.string() });
export type LifecycleRule = z.infer<typeof LifecycleRule>;

export const ExpectedBucket = z.strictObject({
  bucket: z.string(),
  /** Stack that made it, for whoever deploys it again. */
  stack: z.string(),
  defaultLock: z.strictObject({ mode: LockMode, days: z.int() }),
  /** `vault-key`: KMS, under the key that the vault's alias names. */
  encryption: z.enum(['vault-key', 's3']),
  lifecycle: z.array(LifecycleRule),
  /** `<vault key>` stands for the ARN of the vault's key, which no other stack knows. */
  policy: PolicyDocument,
});
export type ExpectedBucket = z.infer<typeof ExpectedBucket>;

export const ExpectedKey = z.strictObject({
  alias: z.string(),
  purpose: z.enum(['vault', 'escrow', 'fingerprint', 'evidence']),
  stack: z.string(),
  /** Whether KMS makes new material for it every year. */
  rotates: z.boolean(),
  /** Absent for a key that was there already: its policy is its owner's. */
  policy: PolicyDocument.optional(),
});
export type ExpectedKey = z.infer<typeof ExpectedKey>;

export const Expectation = z.strictObject({ buckets: z.array(ExpectedBucket), keys: z.array(ExpectedKey) });
export type Expectation = z.infer<typeof Expectation>;

export const VAULT_KEY_PLACEHOLDER = '<vault key>';
