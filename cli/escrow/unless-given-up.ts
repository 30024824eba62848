import { HoldfastError } from '../../core/failure/error.ts';
import type { Frame } from '../frame.ts';
import type { ProofParts } from './prove-medium.ts';
import { AnswersEnded, openQuestions } from './questions.ts';

type Asked = Pick<Frame, 'stdin' | 'stderr' | 'onInterrupt'>;

/** At a terminal a comparison that failed is tried again as often as somebody wants to: custodians have typed for minutes by then. */
export const unlessGivenUp =
  (frame: Asked, compare: ProofParts['compare']): ProofParts['compare'] =>
  async (message, fingerprint) => {
    for (;;) {
      try {
        return await compare(message, fingerprint);
      } catch (error) {
        if (!(error instanceof HoldfastError) || !(await isTriedAgain(frame, error))) throw error;
      }
    }
  };

async function isTriedAgain(frame: Asked, { message, advice }: HoldfastError): Promise<boolean> {
  const questions = openQuestions(frame);
  try {
    if (!questions.isAsked) return false;
    questions.tell(`${message}. ${advice}.`);
    const answer = await questions.ask(
      'The identity is still held, and nobody has to type again. Press Enter to try once more, or type `stop`: ',
    );
    return answer.trim() === '';
  } catch (ended) {
    if (!(ended instanceof AnswersEnded)) throw ended;
    return false;
  } finally {
    questions.close();
  }
}
