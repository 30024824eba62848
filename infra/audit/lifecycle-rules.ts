import { z } from 'zod';
import type { LifecycleRule } from '../../core/audit/expectation.ts';

/** A rule as CloudFormation is given it. Strict: a field that nobody translates would be told as a change every day. */
export const Rule = z.strictObject({
  id: z.string(),
  status: z.string(),
  prefix: z.string().optional(),
  tagFilters: z.array(z.strictObject({ key: z.string(), value: z.string() })).optional(),
  abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: z.int() }).optional(),
  expirationInDays: z.int().optional(),
  noncurrentVersionExpiration: z.strictObject({ noncurrentDays: z.int() }).optional(),
  transitions: z.array(z.strictObject({ storageClass: z.string(), transitionInDays: z.int() })).optional(),
});

/** The same rule in the words in which S3 gives it back (adapters/audit/read-settings.ts). */
export const asS3Says = (rule: z.infer<typeof Rule>): LifecycleRule => ({
  ID: rule.id,
  Status: rule.status,
  ...(rule.prefix === undefined ? {} : { Prefix: rule.prefix }),
  ...(rule.tagFilters && { Tags: rule.tagFilters.map(({ key: Key, value: Value }) => ({ Key, Value })) }),
  ...(rule.abortIncompleteMultipartUpload && {
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation },
  }),
  ...(rule.expirationInDays === undefined ? {} : { Expiration: { Days: rule.expirationInDays } }),
  ...(rule.noncurrentVersionExpiration && {
    NoncurrentVersionExpiration: { NoncurrentDays: rule.noncurrentVersionExpiration.noncurrentDays },
  }),
  ...(rule.transitions && {
    Transitions: rule.transitions.map(({ storageClass: StorageClass, transitionInDays: Days }) => ({ Days, StorageClass })),
  }),
});
