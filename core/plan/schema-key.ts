/** A key asset of the plan: where the key is in use, and how it is escrowed. */
import * as z from 'zod';
import { AssetCommon } from './schema-common.ts';
import { Offline } from './schema-escrow.ts';
import { FollowUp } from './schema-follow-ups.ts';
import { ParameterName, Schedule, SecretName } from './schema-parts.ts';

const KeyPlace = z
  .strictObject({
    secret: SecretName.optional().describe('Name of the Secrets Manager secret'),
    parameter: ParameterName.optional().describe('Name of the Systems Manager parameter, best a SecureString'),
    field: z.string().min(1).optional().describe('JSON field of the secret or parameter; the whole value when absent'),
  })
  .refine(
    ({ secret, parameter }) => (secret === undefined) !== (parameter === undefined),
    'names a `secret` or a `parameter`, one of the two',
  )
  .describe('Where the key is in use: a secret or a parameter');

export const KeyAsset = z
  .strictObject({
    ...AssetCommon,
    kind: z.literal('key').describe('A key that must never be lost'),
    source: KeyPlace,
    escrow: z
      .strictObject({
        online: z.literal(true).default(true).describe('An envelope under KMS keys of two regions'),
        offline: Offline.optional(),
        schedule: Schedule,
        rotationFunction: z
          .string()
          .regex(/^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]+)?$/, 'the ARN of a Lambda function')
          .optional()
          .describe(
            'ARN of the Lambda function that rotates the secret; Holdfast’s guard is then the secret’s rotation function, and calls this one only when the version to be replaced can be recovered',
          ),
      })
      .describe('Recoverable copies of the key'),
    followUps: z
      .array(FollowUp)
      .min(1)
      .max(30)
      .optional()
      .describe('What people do once they have the key back, such as setting it on a new host'),
  })
  .describe('A key that must never be lost');
export type KeyAsset = z.infer<typeof KeyAsset>;
