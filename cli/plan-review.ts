import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { HoldfastError } from '../core/failure/error.ts';
import { addItem, setField } from '../core/plan/edit-text.ts';
import { parsePlan } from '../core/plan/load.ts';
import { decideReview, NO_EVENTS, type ReviewState } from '../core/plan/review.ts';
import { REVIEW_TRIGGERS } from '../core/plan/schema-agreement.ts';
import { unifiedDiff } from '../core/plan/unified-diff.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { loadPlanFile, readPlanText } from './plan-file.ts';
import { defineVerb, type Answer, type Context } from './verb.ts';

const TRIGGERS = REVIEW_TRIGGERS.join(', ');

export const planReview = defineVerb({
  name: 'plan review',
  summary: 'Say whether the plan is due for its review and why; write down what happened, or that one was held',
  positionals: [{ name: 'file', help: 'the plan (default: the one of --plan)', isRequired: false }],
  options: [
    { flags: '--record <trigger>', help: `write into the plan that this happened: ${TRIGGERS}; goes with --note` },
    { flags: '--done', help: 'write into the plan that it was reviewed as it stands; goes with --by' },
    { flags: '--by <who>', help: 'who held the review' },
    { flags: '--note <text>', help: 'what happened, or what came of the review' },
    { flags: '--file-only', help: 'look at the file alone: drills and restores of the vault are left out' },
  ],
  isRemote: true,
  examples: [
    'npx holdfast plan review',
    'npx holdfast plan review plans/datamesh.yaml --file-only',
    'npx holdfast plan review --record release --note 5.0',
    'npx holdfast plan review --done --by data-office@example.org --note agreed-as-it-stands',
  ],
  exits: ['ProblemsFound', 'BadInput'],
  input: z
    .strictObject({
      file: z.string().optional(),
      record: z.enum(REVIEW_TRIGGERS, { error: `is one of ${TRIGGERS}` }).optional(),
      done: z.boolean().default(false),
      by: z.string().trim().min(1).max(200).optional(),
      note: z.string().trim().min(1).max(200).optional(),
      fileOnly: z.boolean().default(false),
    })
    .superRefine(({ record, done, by, note }, problems) => {
      const wrong = (path: string, message: string) => problems.addIssue({ code: 'custom', path: [path], message });
      if (record !== undefined && done) wrong('record', 'stands alone: what happened is written down first, then reviewed');
      if (record !== undefined && note === undefined) wrong('note', 'says what happened, and goes with --record');
      if (done && by === undefined) wrong('by', 'says who held the review, and goes with --done');
      if (!done && by !== undefined) wrong('by', 'goes with --done');
      if (note !== undefined && record === undefined && !done) wrong('note', 'goes with --record or --done');
    }),
  async run(context, { file = context.planFile(), record, done, by, note, fileOnly }) {
    const { frame } = context;
    const plan = loadPlanFile(file, frame.workingDirectory);
    const own: Context = { ...context, planFile: () => file, plan: () => plan, connect: () => context.connect(plan) };
    if (plan.agreement?.review === undefined)
      return {
        data: { file, stated: false },
        text: (paint) => paint('yellow', `${file} states no reviews: add \`agreement.review\` with a period (docs/plan-reference.md)`),
        exit: 'ProblemsFound',
      };
    const at = frame.now().toISOString();
    if (record !== undefined) return write(own, (text) => addItem(text, RECORDED, { trigger: record, at, note: note ?? '' }));
    if (done) {
      const { fingerprintOf } = await import('./review/read-review.ts');
      const last = { at, by, plan: fingerprintOf(file, frame.workingDirectory), ...(note === undefined ? {} : { note }) };
      // What was recorded until now has been looked at.
      return write(own, (text) => setField(recordedIn(text, file) ? setField(text, RECORDED, []) : text, LAST, last));
    }
    const { state, notes } = fileOnly ? { state: await fileState(own), notes: [] } : await wholeState(own);
    return answer(file, state, notes);
  },
});

const RECORDED = ['agreement', 'review', 'recorded'];
const LAST = ['agreement', 'review', 'last'];

const recordedIn = (text: string, file: string) => (parsePlan(text, file).agreement?.review?.recorded ?? []).length > 0;

/** The plan is the record: what is agreed and when it was looked at go through the same hands. */
function write(context: Context, change: (text: string) => string): Answer {
  const file = context.planFile();
  const { workingDirectory } = context.frame;
  const text = readPlanText(file, workingDirectory);
  const changed = change(text);
  parsePlan(changed, file);
  writeFileSync(resolve(workingDirectory, file), changed);
  const diff = unifiedDiff(text, changed, file);
  return {
    data: { file, diff },
    text: () => `${diff}Written into ${file}: commit it as every change of the plan`,
  };
}

async function fileState(context: Context): Promise<ReviewState> {
  const { fingerprintOf } = await import('./review/read-review.ts');
  const fingerprint = fingerprintOf(context.planFile(), context.frame.workingDirectory);
  return decideReview(context.plan(), { ...NO_EVENTS, fingerprint }, context.frame.now());
}

/** A vault that cannot be read keeps nobody from seeing what the file says. */
async function wholeState(context: Context): Promise<{ state: ReviewState; notes: string[] }> {
  try {
    const { openPoints } = await import('./points.ts');
    const { readReviewOf } = await import('./review/read-review.ts');
    return await readReviewOf(context, await openPoints(context, 'vault'), 'vault');
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { state: await fileState(context), notes: [`Drills and restores were not looked at: ${error.message}`] };
  }
}

function answer(file: string, state: ReviewState, notes: readonly string[]): Answer {
  if (!state.stated) return { data: { file, stated: false, notes }, text: () => file };
  const { reasons, last, nextAt } = state;
  const isDue = reasons.length > 0;
  return {
    data: { file, isDue, last, nextAt, reasons, notes },
    text: (paint: Paint) =>
      [
        isDue
          ? paint('yellow', `A review of ${file} is due`)
          : paint('green', `No review of ${file} is due${nextAt === undefined ? '' : ` before ${instant(nextAt)}`}`),
        ...reasons.map(({ dueAt, text }) => `  ${dueAt === undefined ? '' : `since ${instant(dueAt)}  `}${text}`),
        last === undefined
          ? 'None was ever recorded'
          : `The last one: ${instant(last.at)}, ${last.by}${last.note === undefined ? '' : `: ${last.note}`}`,
        ...notes.map((note) => paint('yellow', note)),
        ...(isDue ? ['Next: look at the plan together, then `npx holdfast plan review --done --by <who>`'] : []),
      ].join('\n'),
    exit: isDue ? 'ProblemsFound' : undefined,
  };
}
