import { z } from 'zod';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';

export const evidenceDownload = defineVerb({
  name: 'evidence download',
  summary: 'Copy manifests, facts, chains and evidence of a vault to this machine, in every version, to be checked without a network',
  positionals: [{ name: 'directory', help: 'a new folder', isRequired: true }],
  options: [{ flags: '--data', help: 'the bytes of the points as well (default: only what S3 lists of them)' }, FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast evidence download copy-of-vault', 'npx holdfast evidence download copy-of-replica --from replica --data'],
  exits: ['StoppedWatching', 'BadInput', 'NotDeployed', 'AwsUnreachable', 'AwsLoginMissing', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({
    directory: z.string(),
    data: z.boolean().default(false),
    from: z.enum(['vault', 'replica'], { error: 'is vault or replica' }).default('vault'),
  }),
  async run(context, wish) {
    const { downloadCopy } = await import('./evidence/download-copy.ts');
    return downloadCopy(context, wish);
  },
});
