/** The machines of the system that runs on this machine: interpreted in this process, with everything they start. */
import type { HistoryEvent } from '../../local/interpreter/history.ts';
import type { Json } from '../../local/interpreter/language.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import type { LocalSession, RunningExecution } from '../../local/session.ts';
import { stateMachineName, type Side } from '../../core/names.ts';
import { bytesText } from '../../core/quantities.ts';
import { NothingRunsHere } from '../errors.ts';
import { retryNotice } from './retry-notice.ts';
import type { ExecutionEnd, Machines, StateEvent } from '../machines.ts';

type Followed = {
  running: RunningExecution;
  stopping: AbortController;
  seen: StateEvent[];
  listener?: ((event: StateEvent) => void) | undefined;
};

type Around = {
  /** Hears every line that a task or function writes. */
  listen(hear: (line: string) => void): void;
  /** Whether the servers that the machines work on are still held. */
  isThere(): boolean;
};

/** Looked at this often: what works on servers that are gone fails soon, and would only be tried again and again. */
const LOOK_MILLISECONDS = 1000;

/** @param side of the region that the session runs in */
export function localMachines(system: string, side: Side, session: Pick<LocalSession, 'startExecution'>, around: Around): Machines {
  const executions = new Map<string, Followed>();
  around.listen((line) => {
    const progress = progressOf(line);
    if (progress === undefined) return;
    // One task of an execution runs at a time, and its line belongs to the state that was entered last.
    for (const { listener, seen } of executions.values()) {
      const state = seen.findLast((event) => event.kind === 'entered' && event.isWork)?.state;
      if (state !== undefined) listener?.({ at: new Date(), kind: 'noted', state, isWork: true, detail: progress });
    }
  });

  return {
    outlivesUs: false,
    async start(stage, input, name) {
      const stopping = new AbortController();
      const seen: StateEvent[] = [];
      const followed: Partial<Followed> = { stopping, seen };
      const running = await session.startExecution(stateMachineName(system, stage, side), input as Json, {
        ...(name === undefined ? {} : { name }),
        signal: stopping.signal,
        onEvent: (raw) => {
          const event = toEvent(raw);
          if (event === undefined) return;
          seen.push(event);
          followed.listener?.(event);
        },
      });
      executions.set(running.arn, Object.assign(followed, { running, stopping, seen }));
      return running.arn;
    },
    async watch(execution, { onEvent, signal }) {
      const followed = executions.get(execution);
      if (followed === undefined) throw new Error(`${execution} was not started by this process`);
      for (const event of followed.seen) onEvent(event);
      followed.listener = onEvent;
      const gone = Promise.withResolvers<never>();
      const looking = setInterval(() => {
        if (around.isThere()) return;
        gone.reject(new NothingRunsHere(`The system ${system} on this machine has ended, and with it ${execution}`));
        followed.stopping.abort();
      }, LOOK_MILLISECONDS);
      try {
        return await Promise.race([gone.promise, followed.running.ended.then(toEnd), aborted(signal)]);
      } finally {
        clearInterval(looking);
        followed.listener = undefined;
      }
    },
    async stop(execution) {
      const followed = executions.get(execution);
      followed?.stopping.abort();
      await followed?.running.ended;
    },
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

const WORK = /^(Task|Map|Parallel|Wait)State/;
const FAILED = new Set(['TaskFailed', 'TaskTimedOut', 'MapStateFailed', 'ParallelStateFailed', 'EvaluationFailed']);

function toEvent({ at, type, state, error, output }: HistoryEvent): StateEvent | undefined {
  if (state === undefined) return undefined;
  if (type.endsWith('StateEntered')) return { at, kind: 'entered', state, isWork: WORK.test(type) };
  if (type.endsWith('StateExited')) return { at, kind: 'exited', state, isWork: WORK.test(type) };
  const notice = type === 'TaskSucceeded' ? retryNotice(output) : undefined;
  if (notice !== undefined) return { at, kind: 'told', state, isWork: true, detail: notice };
  return FAILED.has(type) ? { at, kind: 'failed', state, isWork: true, detail: error } : undefined;
}

function toEnd(result: ExecutionResult): ExecutionEnd {
  if (result.status === 'SUCCEEDED') return { status: 'succeeded', output: result.output };
  const { error, cause, startedAt } = result;
  if (result.status === 'FAILED') return { status: 'failed', error, cause };
  return result.status === 'TIMED_OUT'
    ? { status: 'timed-out', error, cause, startedAt }
    : { status: 'stopped', error: 'Interrupted', cause, startedAt };
}

/** Tasks tell how many bytes have moved in lines of JSON; whatever else they write is for their log. */
function progressOf(line: string): string | undefined {
  if (!line.startsWith('{"progress":')) return undefined;
  try {
    const { progress } = JSON.parse(line) as { progress?: { bytes?: unknown; bytesPerSecond?: unknown } };
    if (typeof progress?.bytes !== 'number' || typeof progress.bytesPerSecond !== 'number') return undefined;
    return `${bytesText(progress.bytes)}, ${bytesText(progress.bytesPerSecond)}/s`;
  } catch {
    // Half a line of a program that was killed.
    return undefined;
  }
}
