import { HoldfastError } from '../../core/failure/error.ts';
import { renderAgreement } from '../../core/report/agreement/render-agreement.ts';
import type { ReportModel } from '../../core/report/model.ts';
import { decideReview, NO_EVENTS, type ReviewState } from '../../core/plan/review.ts';
import { openPoints } from '../points.ts';
import { fingerprintOf, readReviewOf } from '../review/read-review.ts';
import type { Answer, Context } from '../verb.ts';
import { readSystem, type ReportWish } from './read-system.ts';
import { writePage } from './write-page.ts';

/** The page of what was agreed. A vault that cannot be read keeps nobody from having it: what it would prove is left open. */
export async function writeAgreement(context: Context, wish: ReportWish & { out: string }): Promise<Answer> {
  const plan = context.plan();
  const { model, review, notes } = await readVault(context, wish);
  const page = renderAgreement({ plan, review, model, generatedAt: context.frame.now().toISOString(), version: context.version });
  const file = writePage(context, wish.out, `${plan.system}-plan.html`, page);
  return {
    data: { system: plan.system, from: wish.from, colour: model?.colour, files: [file], notes },
    text: (paint) => [`${file}: what was agreed for ${plan.system}`, ...notes.map((note) => paint('yellow', note))].join('\n'),
  };
}

type Read = { model: ReportModel | undefined; review: ReviewState; notes: string[] };

async function readVault(context: Context, wish: ReportWish): Promise<Read> {
  try {
    const { model, notes } = await readSystem(context, wish);
    return { model, review: await readReviewOf(context, await openPoints(context, wish.from)), notes };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const fingerprint = fingerprintOf(context.planFile(), context.frame.workingDirectory);
    const review = decideReview(context.plan(), { ...NO_EVENTS, fingerprint }, context.frame.now());
    return { model: undefined, review, notes: [`The vault was not looked at: ${error.message}`] };
  }
}
