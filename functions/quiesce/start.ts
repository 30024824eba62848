import * as z from 'zod';
import { hasPapers, putPaper, readLeftStopped, readPapers } from '../../adapters/vault/quiesce-papers.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { describeSeconds, durationSeconds } from '../../core/plan/durations.ts';
import { PutBack, StartRequest, StoppingEnvironment, type StartAnswer, type StoppingPaper } from '../../core/quiesce/contract.ts';
import { RunUnknown } from '../../core/quiesce/errors.ts';
import { sayPutBack, sayRemembered, selectStopped } from '../../core/quiesce/put-back.ts';
import { isPending, type Pending } from '../../core/quiesce/step-work.ts';
import { handle } from '../edge.ts';
import { connectQuiesce, type QuiesceFunctionPorts } from './connect.ts';
import { requireEnded } from './require-ended.ts';
import { waitSecondsOf, workOn, working } from './work-on.ts';

/** `turn`: whose it is; what became of the earlier ones; and what the step itself waits for, and since when. */
const Resuming = z.object({
  turn: z.int().default(-1),
  since: z.string().default(''),
  outcomes: z.array(PutBack).default([]),
  inner: z.record(z.string(), z.unknown()).default({}),
});

/**
 * Puts back what the run has stopped, one step a call: what is as it was is written down, so that nothing is put back twice. A step
 * that does not come back keeps none of the others from it.
 */
export async function start(
  { asset, run, execution, failed, byHand, progress }: z.output<typeof StartRequest>,
  ports: QuiesceFunctionPorts,
): Promise<StartAnswer> {
  const { system, vault, now } = ports;
  const of = { system, asset, run };
  const { stopping, resumed } = await readPapers(vault, of);
  if (byHand && stopping.length === 0 && !(await hasPapers(vault, of))) throw new RunUnknown(asset, run);
  // What one run has left may be what another one needs stopped.
  if (byHand) await requireEnded(await readLeftStopped(vault, { system, asset }), execution, ports.executions);
  const { turn, since, outcomes, inner } = Resuming.parse(progress);
  // Those that did not come back were told of already, and stay for a person to resume.
  const current = selectStopped(stopping, resumed).find(
    (paper) => paper.turn >= turn && !outcomes.some(({ name }) => name === paper.step.name),
  );
  if (current === undefined) {
    const complete = outcomes.every(({ putBack }) => putBack);
    return { done: true, waitSeconds: 0, progress: {}, complete, message: sayPutBack(run, outcomes) };
  }
  const isSame = current.turn === turn;
  const began = isSame && since !== '' ? since : now().toISOString();
  const outcome = await putBack(current, { failed, inner: isSame ? inner : {}, began }, asset, ports);
  if (isPending(outcome))
    return answer({ turn: current.turn, since: began, outcomes, inner: outcome.pending }, waitSecondsOf(current.step));
  // What the plan no longer names Holdfast may have no right on: it is told once, and is a person's then.
  if (outcome.putBack || (current.isLeft && !staysStopped(current, failed)))
    await putPaper(vault, of, 'resumed', {
      format: 'holdfast/quiesce-resumed/v1',
      run,
      number: current.number,
      at: now().toISOString(),
      how: outcome.how,
    });
  return answer({ turn: current.turn, since: '', outcomes: [...outcomes, outcome], inner: {} }, 0);
}

const answer = (progress: z.output<typeof Resuming>, waitSeconds: number): StartAnswer => ({
  done: false,
  waitSeconds,
  progress,
  complete: false,
  message: '',
});

const staysStopped = ({ step }: StoppingPaper, failed: boolean) => failed && !step.resumeOnFailure;

async function putBack(
  paper: StoppingPaper,
  { failed, inner, began }: { failed: boolean; inner: Record<string, unknown>; began: string },
  asset: string,
  ports: QuiesceFunctionPorts,
): Promise<PutBack | Pending> {
  const { step, number, run, remembered, isLeft } = paper;
  const { name } = step;
  if (staysStopped(paper, failed)) return { name, putBack: false, how: 'the plan leaves it stopped after a failure' };
  const isLate = ports.now().getTime() - Date.parse(began) > durationSeconds(step.timeout) * 1000;
  try {
    const work = workOn(step, { run, number }, ports.reach({ system: ports.system, asset, run }));
    const found = await working(name, work.putBack(remembered, inner));
    if (!isPending(found)) return { name, putBack: true, how: found.how };
    return isLate ? { name, putBack: false, how: `${found.why} after ${describeSeconds(durationSeconds(step.timeout))}` } : found;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    // A service that is away for a while is asked again; what is wrong for good is told, and the others have their turn.
    if (error.failure === 'AwsUnreachable' && !isLate) return { pending: inner, why: error.message };
    const byHand = isLeft ? `. The plan no longer names it, so put it back by hand: ${sayRemembered(remembered)}` : '';
    return { name, putBack: false, how: `${error.message}${byHand}` };
  }
}

export const handler = handle({ environment: StoppingEnvironment, request: StartRequest, connect: connectQuiesce, run: start });
