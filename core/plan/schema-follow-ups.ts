/** What is left to do after a restore, by people. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

export const FollowUp = z
  .strictObject({
    name: z.string().min(1).max(80).describe('What is to be done, as the sign-off lists it'),
    kind: z
      .enum(['rotate-keys', 'enable-backups', 'dns', 'tell-users', 'provision-secrets', 'other'])
      .default('other')
      .describe('What it is: `provision-secrets` are secrets bound to a host, each of which has to be set again'),
    what: z.string().min(10).max(500).describe('How it is done'),
    when: z.string().min(3).max(200).optional().describe('In which case, where it is not always'),
    count: z.int().min(1).max(100_000).optional().describe('Of `provision-secrets`: how many there are'),
    secondsPerSecret: z
      .int()
      .min(1)
      .max(3600)
      .optional()
      .describe('Of `provision-secrets`: how long each takes; with `count` it is a part of the RTO'),
    duration: Duration.optional().describe('How long it takes, where the asset is not usable before: a part of the RTO'),
  })
  .refine(
    ({ kind, count, secondsPerSecret }) => (kind === 'provision-secrets') === (count !== undefined && secondsPerSecret !== undefined),
    'has `count` and `secondsPerSecret` exactly when its kind is `provision-secrets`',
  )
  .describe('Something that people do after a restore; the sign-off lists who did it');
export type FollowUp = z.infer<typeof FollowUp>;
