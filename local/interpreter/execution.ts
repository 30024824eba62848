/** One execution of one state machine, from its input to its end. */
import { ERROR, ExecutionEnded, StateFailed } from './errors.ts';
import { checkSize, type Frame } from './frame.ts';
import { createHistory, type HistoryEvent } from './history.ts';
import type { Clock, Host } from './host.ts';
import type { Json, StateMachine } from './language.ts';
import { runGroup } from './run-states.ts';

export type ExecutionRequest = {
  machine: StateMachine;
  /** ARN and name of the state machine, as expressions see them. */
  machineArn: string;
  machineName: string;
  roleArn: string;
  executionArn: string;
  executionName: string;
  input: Json;
  host: Host;
  clock: Clock;
  /** Ends the execution: its status is then ABORTED. */
  signal?: AbortSignal;
  onEvent?: (event: HistoryEvent) => void;
};

export type ExecutionResult = { startedAt: Date; stoppedAt: Date; history: readonly HistoryEvent[] } & (
  { status: 'SUCCEEDED'; output: Json } | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; error: string; cause: string }
);

/** Never throws for what the machine does: a failure is a result. When it resolves, no work of the execution is left running. */
export async function runExecution(request: ExecutionRequest): Promise<ExecutionResult> {
  const { machine, clock, input } = request;
  const startedAt = clock.now();
  const history = createHistory(() => clock.now(), request.onEvent);
  const ending = new AbortController();
  const abort = () => ending.abort(new ExecutionEnded('ABORTED', 'The execution was stopped.'));
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted) abort();
  const dropTimeout =
    machine.TimeoutSeconds === undefined
      ? () => {}
      : clock.after(machine.TimeoutSeconds * 1_000, () =>
          ending.abort(new ExecutionEnded('TIMED_OUT', `The execution ran longer than ${machine.TimeoutSeconds} s.`)),
        );
  const frame: Frame = {
    host: request.host,
    clock,
    history,
    variables: {},
    signal: ending.signal,
    context: contextOf(request, startedAt),
    runGroup,
  };
  const ended = () => ({ startedAt, stoppedAt: clock.now(), history: history.events });
  history.add('ExecutionStarted', { input });
  try {
    checkSize(input, machine.StartAt, 'an input');
    const output = await runGroup(machine, input, frame);
    history.add('ExecutionSucceeded', { output });
    return { ...ended(), status: 'SUCCEEDED', output };
  } catch (error) {
    const end = endOf(error);
    history.add(EVENT_OF[end.status], { error: end.error, cause: end.cause });
    return { ...ended(), ...end };
  } finally {
    dropTimeout();
    request.signal?.removeEventListener('abort', abort);
  }
}

const EVENT_OF = { FAILED: 'ExecutionFailed', TIMED_OUT: 'ExecutionTimedOut', ABORTED: 'ExecutionAborted' } as const;

function endOf(error: unknown) {
  if (error instanceof StateFailed) return { status: 'FAILED' as const, error: error.error, cause: error.message };
  if (error instanceof ExecutionEnded) {
    return { status: error.status, error: error.status === 'TIMED_OUT' ? ERROR.timeout : '', cause: error.message };
  }
  throw error;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
function contextOf(request: ExecutionRequest, startedAt: Date) {
  return {
    Execution: {
      Id: request.executionArn,
      Input: request.input,
      Name: request.executionName,
      RoleArn: request.roleArn,
      StartTime: startedAt.toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: request.machineArn, Name: request.machineName },
  };
}
