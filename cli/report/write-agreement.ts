import { HoldfastError } from '../../core/failure/error.ts';
import { decideReview, NO_EVENTS } from '../../core/plan/review.ts';
import { renderAgreement } from '../../core/report/agreement/render-agreement.ts';
import { fingerprintOf } from '../review/read-review.ts';
import type { Answer, Context } from '../verb.ts';
import { publishIfAsked } from './publish-or-open.ts';
import { readSystem, type ReportWish, type SystemPage } from './read-system.ts';
import { writePage } from './write-page.ts';

/** The page of what was agreed. A vault that cannot be read keeps nobody from having it: what it would prove is left open. */
export async function writeAgreement(
  context: Context,
  wish: ReportWish & { out: string; publish: boolean; open: boolean },
): Promise<Answer> {
  const { seen, notes } = await tryToRead(context, wish);
  const { file, line, page } = writeAgreementPage(context, wish, seen);
  const { lines, ...published } = await publishIfAsked(context, wish, 'agreement', page);
  return {
    data: { system: context.plan().system, from: wish.from, colour: seen?.model.colour, files: [file], ...published, notes },
    text: (paint) => [line, ...lines, ...notes.map((note) => paint('yellow', note))].join('\n'),
  };
}

/** @param seen what the vault shows; undefined where only the file was looked at */
export function writeAgreementPage(context: Context, { out }: { out: string }, seen: SystemPage | undefined) {
  const plan = context.plan();
  const page = renderAgreement({
    plan,
    review: seen?.review ?? reviewOfFile(context),
    model: seen?.model,
    proofs: seen?.proofs,
    generatedAt: context.frame.now().toISOString(),
    version: context.version,
  });
  const file = writePage(context, out, `${plan.system}-plan.html`, page);
  return { file, page, line: `${file}: what was agreed for ${plan.system}${seen ? ', and what proves it' : ''}` };
}

const reviewOfFile = (context: Context) =>
  decideReview(
    context.plan(),
    { ...NO_EVENTS, fingerprint: fingerprintOf(context.planFile(), context.frame.workingDirectory) },
    context.frame.now(),
  );

async function tryToRead(context: Context, wish: ReportWish): Promise<{ seen: SystemPage | undefined; notes: string[] }> {
  try {
    const seen = await readSystem(context, wish);
    return { seen, notes: seen.notes };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { seen: undefined, notes: [`The vault was not looked at: ${error.message}`] };
  }
}
