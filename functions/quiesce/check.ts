import type { z } from 'zod';
import { readPaper } from '../../adapters/vault/quiesce-papers.ts';
import { describeSeconds, durationSeconds } from '../../core/plan/durations.ts';
import { CheckingEnvironment, CheckRequest, type CheckAnswer } from '../../core/quiesce/contract.ts';
import { NotStopped } from '../../core/quiesce/errors.ts';
import { handle } from '../edge.ts';
import { connectQuiesce, type QuiesceFunctionPorts } from './connect.ts';
import { waitSecondsOf, workOn, working } from './work-on.ts';

/** Whether a step that was told to stop has stopped; not before that is the next one told. */
export async function check(
  { asset, run, quiesce, number, progress }: z.output<typeof CheckRequest>,
  ports: QuiesceFunctionPorts,
): Promise<CheckAnswer> {
  const { system, vault, now } = ports;
  const of = { system, asset, run };
  const paper = await readPaper(vault, of, number, 'stopping');
  if (paper === undefined) throw new NotStopped(quiesce.steps[number]?.name ?? String(number), 'nothing was told to stop');
  const { step, remembered, at } = paper;
  const found = await working(step.name, workOn(step, { run, number }, ports.reach(of)).check(remembered, progress));
  if (found === 'stopped') {
    const next = number + 1 < quiesce.steps.length ? number + 1 : -1;
    return { stopped: true, next, waitSeconds: 0, progress: {} };
  }
  if (now().getTime() - Date.parse(at) > durationSeconds(step.timeout) * 1000)
    throw new NotStopped(step.name, `after ${describeSeconds(durationSeconds(step.timeout))}, ${found.why}`);
  return { stopped: false, next: number, waitSeconds: waitSecondsOf(step), progress: found.pending };
}

export const handler = handle({ environment: CheckingEnvironment, request: CheckRequest, connect: connectQuiesce, run: check });
