import { z } from 'zod';
import { APPROVAL_KINDS } from '../core/approval/records.ts';
import { READING_EXITS } from './exit-codes.ts';
import { FromPlace } from './place.ts';
import { defineVerb } from './verb.ts';

const KINDS = [
  'drill',
  'drill-result',
  'scenario',
  'restore-result',
  'restore-undo',
  'restore-finish',
  'restore-failure',
  'sign-off',
  'escrow',
  'offline-proof',
  'expiry',
  'audit',
  'held',
  'released',
  ...APPROVAL_KINDS,
] as const;
const day = z.iso.date('is a date such as 2026-11-21').refine((date) => date >= '2000', 'is in this century');

export const evidenceExport = defineVerb({
  name: 'evidence export',
  summary:
    'Copy signed evidence of a time, of both regions, to this machine, each record with its signature and a page that says what it says',
  positionals: [{ name: 'directory', help: 'a new folder', isRequired: true }],
  options: [
    { flags: '--kind <kind>', help: `${KINDS.join(', ')}; can be repeated (default: all)`, isRepeatable: true },
    { flags: '--asset <asset>', help: 'what is about this asset alone' },
    { flags: '--since <date>', help: 'runs that began on that day or later, in UTC (default: a year ago)' },
    { flags: '--until <date>', help: 'runs that began on that day or earlier, in UTC' },
    {
      flags: '--public-key <file>',
      help: 'the key to trust, as `holdfast evidence key` gave it; can be repeated (default: KMS is asked)',
      isRepeatable: true,
    },
    { flags: '--from <place>', help: 'the one that must be read, vault or replica; the other where it can be (default: vault)' },
  ],
  isRemote: true,
  examples: [
    'npx holdfast evidence export evidence-of-2026 --since 2026-01-01 --until 2026-12-31',
    'npx holdfast evidence export drills --kind drill --asset postgres --from replica',
  ],
  exits: [...READING_EXITS, 'ProblemsFound', 'StoppedWatching'],
  input: z.strictObject({
    directory: z.string().min(1, 'names a folder'),
    kind: z.array(z.enum(KINDS, { error: `is one of ${KINDS.join(', ')}` })).optional(),
    publicKey: z.array(z.string()).default([]),
    asset: z.string().optional(),
    since: day.optional(),
    until: day.optional(),
    from: FromPlace,
  }),
  async run(context, wish) {
    const { exportEvidence } = await import('./evidence/export-evidence.ts');
    return exportEvidence(context, wish);
  },
});
