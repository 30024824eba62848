/** What cannot be taken back is asked once more, of somebody who sits at a terminal. */
import { UsageWrong } from './errors.ts';
import { AnswersEnded, openQuestions } from './escrow/questions.ts';
import type { Context } from './verb.ts';

/** @param word what has to be typed. Throws UsageWrong where nobody sits there. */
export async function isMeant({ frame }: Context, { verb, word, what }: { verb: string; word: string; what: string }): Promise<boolean> {
  const questions = openQuestions(frame);
  try {
    if (!questions.isAsked) throw new UsageWrong(verb, ['nobody sits at a terminal to be asked once more: say --yes']);
    return (await questions.ask(`Type ${word} to ${what}: `)).trim() === word;
  } catch (error) {
    if (error instanceof AnswersEnded) return false;
    throw error;
  } finally {
    questions.close();
  }
}
