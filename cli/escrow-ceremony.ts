import { resolve } from 'node:path';
import { z } from 'zod';
import { inFours } from '../core/escrow/offline/identity.ts';
import { LONGEST_NAME } from '../core/escrow/offline/people.ts';
import { UsageWrong } from './errors.ts';
import { defineVerb } from './verb.ts';

const count = (most: number) =>
  z.coerce.number('is a number').int('is a whole number').min(2, 'is 2 or more').max(most, `is at most ${most}`);

export const escrowCeremony = defineVerb({
  name: 'escrow ceremony',
  summary: 'Make the offline identity without any network, print a share of it for each custodian, and forget it',
  positionals: [],
  options: [
    { flags: '--shares <number>', help: 'how many custodians' },
    { flags: '--threshold <number>', help: 'how many of them rebuild the identity' },
    { flags: '--to <directory>', help: 'where the sheets stand until they are read back; best a directory in memory' },
    { flags: '--custodian <name>', help: 'a custodian, in order; can be repeated (default: asked for)', isRepeatable: true },
    { flags: '--purpose <text>', help: 'what the sheets say they are for (default: Offline keys)' },
    { flags: '--keep-sheets', help: 'leave every sheet in the directory, for a rehearsal' },
  ],
  isRemote: false,
  leavesNoTraces: true,
  examples: [
    'npx holdfast escrow ceremony --shares 5 --threshold 3 --to /dev/shm/ceremony',
    'npx holdfast escrow ceremony --shares 3 --threshold 2 --to ceremony --custodian Ana --custodian Ben --custodian Cem',
  ],
  exits: ['BadInput', 'DiskFull', 'Interrupted'],
  input: z.strictObject({
    shares: count(16),
    threshold: count(16),
    to: z.string(),
    custodian: z.array(z.string().trim().min(1, 'is a name').max(LONGEST_NAME, `has at most ${LONGEST_NAME} characters`)).default([]),
    purpose: z.string().default('Offline keys'),
    keepSheets: z.boolean().default(false),
  }),
  async run({ frame }, { shares, threshold, to, custodian, purpose, keepSheets }) {
    const problems: string[] = [];
    if (threshold > shares) problems.push(`--threshold ${threshold} is more than --shares ${shares}`);
    if (custodian.length > shares) problems.push(`--custodian is given ${custodian.length} times, for ${shares} shares`);
    if (new Set(custodian).size < custodian.length) problems.push('--custodian names somebody twice: two shares in one hand are one');
    if (problems.length > 0) throw new UsageWrong('escrow ceremony', problems);
    const { runCeremony } = await import('./escrow/run-ceremony.ts');
    const directory = resolve(frame.workingDirectory, to);
    const { record, unwritten } = await runCeremony(frame, {
      shares,
      threshold,
      custodians: custodian,
      purpose,
      directory,
      keepsSheets: keepSheets,
    });
    return {
      ...(unwritten === undefined ? {} : { exit: 'DiskFull' as const }),
      data: record,
      text: (paint) =>
        [
          `${paint('green', 'The ceremony is complete')}: ${shares} custodians have read back a part of their share, and the identity is forgotten.`,
          '',
          `  ceremony   ${inFours(record.ceremony)}`,
          `  recipient  ${record.recipient}`,
          '',
          'In the plan, at each key that it is for:',
          '',
          '  escrow:',
          '    offline:',
          '      recipients:',
          `        - ${record.recipient}`,
          '',
          'Next, once the plan with the recipient is deployed: `npx holdfast escrow` makes the offline files, `npx holdfast escrow export --to <directory>` a medium of them.',
          unwritten === undefined
            ? `recipient.txt and ceremony.json in ${to} hold no secret: keep them with the plan.`
            : [
                `recipient.txt and ceremony.json could not be written into ${to} (${unwritten}). They hold no secret: copy the recipient`,
                'from here, and keep this with the plan. The sheets count.',
                '',
                JSON.stringify(record, null, 2),
              ].join('\n'),
        ].join('\n'),
    };
  },
});
