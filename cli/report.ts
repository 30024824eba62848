import { z } from 'zod';
import { UsageWrong } from './errors.ts';
import { READING_EXITS } from './exit-codes.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';

export const report = defineVerb({
  name: 'report',
  summary:
    'Write a page of each asset, its colour, points, drills, locks and keys, and beside it the page of what was agreed (<system>-plan.html)',
  positionals: [],
  options: [
    { flags: '--out <directory>', help: 'the folder to write into, made when it is not there (default: holdfast-report)' },
    { flags: '--points <count>', help: 'show so many points of each asset (default: 25)' },
    { flags: '--all', help: 'a page of every plan in plans/, and index.html of all of them' },
    {
      flags: '--agreement',
      help: 'only the page of what owner and operator agreed: scope, people, scenarios, reviews, and what proves it',
    },
    { flags: '--publish', help: 'write the page into the vault too, among the evidence; needs the right to write there' },
    { flags: '--open', help: 'give a link to the published page, and open it; without --publish to the newest one there is' },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast report',
    'npx holdfast report --all',
    'npx holdfast report --plan plans/datamesh.yaml',
    'npx holdfast report --agreement',
    'npx holdfast report --publish --open',
    'npx holdfast report --agreement --publish --open',
    'npx holdfast report --out report-of-november --points 100',
    'npx holdfast report --from replica',
  ],
  exits: [...READING_EXITS, 'ProblemsFound', 'PointMissing'],
  input: z.strictObject({
    out: z.string().min(1, 'names a folder').default('holdfast-report'),
    points: z.coerce.number('is a number').int('is a whole number').min(1, 'is at least 1').max(1000, 'is at most 1000').default(25),
    all: z.boolean().default(false),
    agreement: z.boolean().default(false),
    publish: z.boolean().default(false),
    open: z.boolean().default(false),
    from: FromPlace,
  }),
  async run(context, wish) {
    if (wish.all && (wish.publish || wish.open))
      throw new UsageWrong('report', ['--all writes files alone: leave out --publish and --open']);
    if (wish.agreement && wish.all) throw new UsageWrong('report', ['--agreement writes the page of one plan: leave out --all']);
    if (wish.open && !wish.publish) {
      const { openPublished } = await import('./report/publish-or-open.ts');
      return openPublished(context, wish.from, wish.agreement ? 'agreement' : 'system');
    }
    if (wish.agreement) {
      const { writeAgreement } = await import('./report/write-agreement.ts');
      return writeAgreement(context, wish);
    }
    const { writeAllReports, writeReport } = await import('./report/write-report.ts');
    return wish.all ? writeAllReports(context, wish) : writeReport(context, wish);
  },
});
