import type { z } from 'zod';
import { putPaper, readLeftStopped, readPaper } from '../../adapters/vault/quiesce-papers.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { StoppingEnvironment, StopRequest, type StopAnswer, type StoppingPaper } from '../../core/quiesce/contract.ts';
import { NotStopped } from '../../core/quiesce/errors.ts';
import { turnOf } from '../../core/quiesce/put-back.ts';
import { isPending } from '../../core/quiesce/step-work.ts';
import { ofRest, takeOver } from '../../core/quiesce/take-over.ts';
import { handle } from '../edge.ts';
import { connectQuiesce, type QuiesceFunctionPorts } from './connect.ts';
import { requireEnded } from './require-ended.ts';
import { waitSecondsOf, workOn, working } from './work-on.ts';

/**
 * Tells one step to stop. What runs is written down before that, once: a second call finds it there, and does not take what the first
 * has stopped for what was.
 */
export async function stop(
  { asset, run, execution, quiesce, number, progress }: z.output<typeof StopRequest>,
  ports: QuiesceFunctionPorts,
): Promise<StopAnswer> {
  const { system, vault, now } = ports;
  const of = { system, asset, run };
  const step = quiesce.steps[number];
  if (step === undefined) throw new RangeError(`there is no step ${number}`);
  const work = workOn(step, { run, number }, ports.reach(of));
  let paper = await readPaper(vault, of, number, 'stopping');
  if (paper === undefined) {
    const since = typeof progress['since'] === 'string' ? progress['since'] : now().toISOString();
    const found = await working(step.name, work.look(progress));
    if (isPending(found)) {
      if (now().getTime() - Date.parse(since) > durationSeconds(step.timeout) * 1000) throw new NotStopped(step.name, found.why);
      return { told: false, waitSeconds: waitSecondsOf(step), progress: { ...found.pending, since } };
    }
    const { remembered, papers, rest } = takeOver(found, step, await readLeftStopped(vault, of));
    await requireEnded(papers, execution, ports.executions);
    const [from] = papers;
    const own: StoppingPaper = {
      format: 'holdfast/quiesce-stopping/v1',
      run,
      execution,
      number,
      turn: turnOf(quiesce, number),
      step,
      remembered,
      at: now().toISOString(),
      ...(from === undefined ? {} : { takenOverFrom: from.run }),
    };
    if (rest !== undefined) await putPaper(vault, of, 'stopping', ofRest(own, rest));
    paper = await putPaper(vault, of, 'stopping', own);
    // From now on this run puts it back, and no other.
    for (const earlier of papers)
      await putPaper(vault, { ...of, run: earlier.run }, 'resumed', {
        format: 'holdfast/quiesce-resumed/v1',
        run: earlier.run,
        number: earlier.number,
        at: now().toISOString(),
        how: `the run ${run} has taken it over`,
        by: run,
      });
  }
  return { told: true, waitSeconds: waitSecondsOf(step), progress: await working(step.name, work.stop(paper.remembered)) };
}

export const handler = handle({ environment: StoppingEnvironment, request: StopRequest, connect: connectQuiesce, run: stop });
