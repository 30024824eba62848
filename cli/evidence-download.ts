import { z } from 'zod';
import { READING_EXITS } from './exit-codes.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';

export const evidenceDownload = defineVerb({
  name: 'evidence download',
  summary: 'Copy manifests, facts, chains and evidence of a vault to this machine, in every version, to be checked without a network',
  positionals: [{ name: 'directory', help: 'a new folder', isRequired: true }],
  options: [{ flags: '--data', help: 'the bytes of the points as well (default: only what S3 lists of them)' }, FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast evidence download copy-of-vault', 'npx holdfast evidence download copy-of-replica --from replica --data'],
  exits: [...READING_EXITS, 'StoppedWatching'],
  input: z.strictObject({
    directory: z.string(),
    data: z.boolean().default(false),
    from: FromPlace,
  }),
  async run(context, wish) {
    const { downloadCopy } = await import('./evidence/download-copy.ts');
    return downloadCopy(context, wish);
  },
});
