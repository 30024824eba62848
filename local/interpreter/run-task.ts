import { ERROR, StateFailed } from './errors.ts';
import { evaluate, evaluateAs, isWholeNumber, type Scope } from './evaluate.ts';
import { checkSize, type Visit } from './frame.ts';
import type { OpenToken } from './host.ts';
import type { Fields, Json, TaskState } from './language.ts';

/** Ends the resource of a state whose work only begins something, which somebody ends by its token. */
const WAITS_FOR_TOKEN = '.waitForTaskToken';

/** Resolves with the result of the resource, or with what was sent for its token. Past its time the work is stopped, and has stopped when this throws States.Timeout. */
export async function runTask(visit: Visit<TaskState>): Promise<Json> {
  if (!visit.state.Resource.endsWith(WAITS_FOR_TOKEN)) return callResource(visit);
  const token = visit.frame.host.openToken?.();
  if (!token) throw new StateFailed(ERROR.runtime, `Nothing here gives the state '${visit.name}' a token to wait for.`);
  try {
    return await callResource(visit, token);
  } finally {
    token.settle();
  }
}

async function callResource({ name, state, scope, frame }: Visit<TaskState>, token?: OpenToken): Promise<Json> {
  const parameters = await evaluate(state.Arguments, token ? withToken(scope, token) : scope, 'Arguments');
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
    const call = { signal, heartbeat, state: name };
    const answer = await frame.host.task(state.Resource.replace(WAITS_FOR_TOKEN, ''), parameters, call);
    signal.throwIfAborted();
    const result = token ? await token.sent(signal) : answer;
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

const withToken = (scope: Scope, { token }: OpenToken): Scope => ({
  ...scope,
  states: { ...scope.states, context: { ...(scope.states.context as Fields), Task: { Token: token } } },
});
