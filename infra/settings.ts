/** What the context (`-c name=value`, or cdk.json) may say about a deployment, parsed once. */
import type { Node } from 'constructs';
import { z } from 'zod';
import { EMULATORS } from './emulator.ts';

/** What CloudWatch Logs takes as a retention, up to ten years. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const Image = z.string().regex(/@sha256:[0-9a-f]{64}$/, 'an image is named by digest: registry/name@sha256:…');
const KeyArn = z.string().regex(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/, 'the ARN of a KMS key');

/** Context from the command line is text, `name=value,name=value`; from cdk.json it may be an object. */
const Tags = z.preprocess(
  (given) => (typeof given === 'string' ? Object.fromEntries(given.split(',').map((pair) => pair.split('=', 2))) : given),
  z.record(z.string().min(1), z.string({ error: 'tags are written name=value,name=value' })),
);

export const Settings = z.object({
  plan: z.string({ error: 'say which protection plan: -c plan=plans/ida.yaml' }),
  image: Image.optional(),
  /** The same image in a registry of the second region; that of `image` when absent. */
  replicaImage: Image.optional(),
  emulator: z.enum(EMULATORS).optional(),
  /** Name or ARN of a managed policy. */
  permissionsBoundary: z.string().min(1).optional(),
  tags: Tags.default({}),
  /** Of `cdk bootstrap`; the key policies admit the execution role that it made. */
  qualifier: z
    .string()
    .regex(/^[a-z0-9]{1,10}$/i)
    .default('hnb659fds'),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => LOG_RETENTION_DAYS.some((d) => d === days), `one of ${LOG_RETENTION_DAYS.join(', ')}`)
    .default(400),
  /** Existing keys of the home and of the replica region for the vault's bytes. Their policies stay their owner's. */
  vaultKeyArn: KeyArn.optional(),
  replicaVaultKeyArn: KeyArn.optional(),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
});
export type Settings = z.infer<typeof Settings>;

/** @throws Error with every context value that cannot be used */
export function readSettings(node: Node): Settings {
  const given = Object.fromEntries(Object.keys(Settings.shape).map((name) => [name, node.tryGetContext(name) ?? undefined]));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  context ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The context cannot be used\n${problems.join('\n')}`);
}
