import { z } from 'zod';
import { READING_EXITS } from './exit-codes.ts';
import { defineVerb } from './verb.ts';

export const evidenceKey = defineVerb({
  name: 'evidence key',
  summary: 'Write the public keys that verify signatures, as PEM, with their SHA-256 to compare and to keep outside of AWS',
  positionals: [],
  options: [{ flags: '--out <file>', help: 'write the keys into this file, which must not exist (default: print them)' }],
  isRemote: true,
  examples: ['npx holdfast evidence key --out evidence-key.pem', 'npx holdfast evidence key > evidence-key.pem'],
  exits: [...READING_EXITS],
  input: z.strictObject({ out: z.string().optional() }),
  async run(context, { out }) {
    const { exportKeys } = await import('./evidence/export-keys.ts');
    return exportKeys(context, out);
  },
});
