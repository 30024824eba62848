import { ERROR, StateFailed } from './errors.ts';
import { evaluate, evaluateAs, isWholeNumber } from './evaluate.ts';
import { checkSize, type Visit } from './frame.ts';
import type { Json, TaskState } from './language.ts';

/** Resolves with the result of the resource. Past its time the work is stopped, and has stopped when this throws States.Timeout. */
export async function runTask({ name, state, scope, frame }: Visit<TaskState>): Promise<Json> {
  const parameters = await evaluate(state.Arguments, scope, 'Arguments');
  checkSize(parameters, name, 'arguments');
  const seconds = async (field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
    const value = state[field];
    return value === undefined ? undefined : evaluateAs(value, scope, field, 'number', isWholeNumber);
  };
  const [timeoutSeconds, heartbeatSeconds] = [await seconds('TimeoutSeconds'), await seconds('HeartbeatSeconds')];

  const own = new AbortController();
  const signal = AbortSignal.any([frame.signal, own.signal]);
  const endAfter = (limit: number | undefined, error: string, what: string) =>
    limit === undefined
      ? () => {}
      : frame.clock.after(limit * 1_000, () => own.abort(new StateFailed(error, `The state '${name}' ${what} ${limit} s.`)));
  const dropTimeout = endAfter(timeoutSeconds, ERROR.timeout, 'ran longer than its time-out of');
  let dropHeartbeat = () => {};
  const heartbeat = () => {
    dropHeartbeat();
    dropHeartbeat = endAfter(heartbeatSeconds, ERROR.heartbeatTimeout, 'sent no heartbeat for');
  };
  heartbeat();

  const note = { state: name, resource: state.Resource, ...(frame.index === undefined ? {} : { index: frame.index }) };
  frame.history.add('TaskScheduled', { ...note, input: parameters });
  try {
    const result = await frame.host.task(state.Resource, parameters, { signal, heartbeat, state: name });
    signal.throwIfAborted();
    checkSize(result, name, 'a result');
    frame.history.add('TaskSucceeded', { ...note, output: result });
    return result;
  } catch (error) {
    // What the work throws because it was stopped says less than why it was stopped.
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (reason instanceof StateFailed) {
      const isTimeout = reason.error === ERROR.timeout || reason.error === ERROR.heartbeatTimeout;
      frame.history.add(isTimeout ? 'TaskTimedOut' : 'TaskFailed', { ...note, error: reason.error, cause: reason.message });
    }
    throw reason;
  } finally {
    dropTimeout();
    dropHeartbeat();
  }
}
