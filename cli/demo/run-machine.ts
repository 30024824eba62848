/** Runs one machine of the demo: its steps as they come on the terminal, and as a picture for the report. */
import type { Stage } from '../../core/names.ts';
import type { RunReport } from '../../core/report/model.ts';
import type { ExecutionEnd, Machines, StateEvent } from '../machines.ts';
import type { Progress } from '../output/progress.ts';

export type MachineRun = { end: ExecutionEnd; report: RunReport };

export async function runMachine(
  machines: Machines,
  stage: Stage,
  input: { asset?: string; [name: string]: unknown },
  progress: Progress,
  signal: AbortSignal,
  /** Of the execution, where somebody has said under it who asks. */
  name?: string,
): Promise<MachineRun> {
  const events: StateEvent[] = [];
  const execution = await machines.start(stage, input, name);
  const onEvent = (event: StateEvent) => {
    events.push(event);
    progress.show(event);
  };
  const stop = () => void machines.stop(execution, 'the demo was stopped');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const end = await machines.watch(execution, { onEvent, signal: new AbortController().signal });
    signal.throwIfAborted();
    if (!end) throw new TypeError('An execution that nobody left has an end');
    const startedAt = events[0]?.at ?? new Date(0);
    return {
      end,
      report: {
        stage,
        asset: input.asset,
        execution,
        startedAt: startedAt.toISOString(),
        outcome: end.status === 'succeeded' ? 'succeeded' : 'failed',
        steps: stepsOf(events, startedAt),
      },
    };
  } finally {
    signal.removeEventListener('abort', stop);
    progress.end();
  }
}

/** A step that ran several times, as in a Map, is one bar from its first start to its last end. */
function stepsOf(events: readonly StateEvent[], startedAt: Date): RunReport['steps'] {
  const steps = new Map<string, RunReport['steps'][number]>();
  const second = (at: Date) => (at.getTime() - startedAt.getTime()) / 1000;
  for (const event of events) {
    if (!event.isWork) continue;
    const step = steps.get(event.state) ?? { name: event.state, startSecond: second(event.at), seconds: 0, outcome: 'succeeded' as const };
    if (event.kind !== 'noted') step.seconds = second(event.at) - step.startSecond;
    if (event.kind === 'failed') step.outcome = 'failed';
    steps.set(event.state, step);
  }
  return [...steps.values()];
}
