import { z } from 'zod';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';

export const report = defineVerb({
  name: 'report',
  summary: 'Write a page that says of each asset its colour and why, its points, drills, locks and keys: one file, for people and auditors',
  positionals: [],
  options: [
    { flags: '--out <directory>', help: 'the folder to write into, made when it is not there (default: holdfast-report)' },
    { flags: '--points <count>', help: 'show so many points of each asset (default: 25)' },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: ['npx holdfast report', 'npx holdfast report --out report-of-november --points 100', 'npx holdfast report --from replica'],
  exits: ['BadInput', 'NotDeployed', 'AwsUnreachable', 'AwsLoginMissing', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({
    out: z.string().min(1, 'names a folder').default('holdfast-report'),
    points: z.coerce.number('is a number').int('is a whole number').min(1, 'is at least 1').max(1000, 'is at most 1000').default(25),
    from: z.enum(['vault', 'replica'], { error: 'is vault or replica' }).default('vault'),
  }),
  async run(context, wish) {
    const { writeReport } = await import('./report/write-report.ts');
    return writeReport(context, wish);
  },
});
