/** Runs a group of states from its first to its end, with each state's Retry and Catch. */
import { ERROR, isMatch, StateFailed } from './errors.ts';
import { evaluate, evaluateAs, isBoolean, isText, isWholeNumber, type Scope } from './evaluate.ts';
import { checkSize, type Frame, type Step, type Visit } from './frame.ts';
import { isDistributed } from './language.ts';
import type { ChoiceState, FailState, Fields, Json, Retrier, State, StateGroup, WaitState } from './language.ts';
import { nextDelayMs } from './retry.ts';
import { runDistributedMap } from './run-distributed-map.ts';
import { runMap, runParallel } from './run-groups.ts';
import { runTask } from './run-task.ts';

export async function runGroup(group: StateGroup, input: Json, outer: Frame): Promise<Json> {
  let frame = outer;
  let step: Step = { next: group.StartAt, output: input, variables: outer.variables };
  while (step.next !== undefined) {
    frame.signal.throwIfAborted();
    const state = group.States[step.next];
    if (!state) throw new StateFailed(ERROR.runtime, `There is no state '${step.next}'.`);
    frame = { ...frame, variables: step.variables };
    step = await runState(step.next, state, step.output, frame);
  }
  return step.output;
}

async function runState(name: string, state: State, input: Json, frame: Frame): Promise<Step> {
  const attempts = new Map<Retrier, number>();
  const enteredAt = frame.clock.now().toISOString();
  const note = { state: name, ...(frame.index === undefined ? {} : { index: frame.index }) };
  frame.history.add(`${state.Type}StateEntered`, { ...note, input });
  for (let retries = 0; ; retries += 1) {
    const context: Fields = { ...frame.context, State: { Name: name, EnteredTime: enteredAt, RetryCount: retries } };
    const visit = { name, input, frame, scope: { states: { input, context }, variables: frame.variables, clock: frame.clock } };
    try {
      const step = await attempt(state, visit);
      if (state.Type !== 'Fail') frame.history.add(`${state.Type}StateExited`, { ...note, output: step.output });
      return step;
    } catch (error) {
      frame.signal.throwIfAborted();
      const failure =
        error instanceof StateFailed
          ? error
          : new StateFailed(ERROR.runtime, `The state '${name}' could not be run: ${String(error)}`, { cause: error });
      if (failure.error === ERROR.query) frame.history.add('EvaluationFailed', { ...note, error: failure.error, cause: failure.message });
      const { Retry = [] } = 'Retry' in state ? state : {};
      const delayMs = nextDelayMs(Retry, attempts, failure.error, () => frame.clock.random());
      if (delayMs === undefined) return applyCatch(state, visit, failure);
      await frame.clock.sleep(delayMs, frame.signal);
    }
  }
}

async function applyCatch(state: State, visit: Omit<Visit<State>, 'state'>, failure: StateFailed): Promise<Step> {
  const { Catch = [] } = 'Catch' in state ? state : {};
  const catcher = Catch.find((candidate) => isMatch(candidate.ErrorEquals, failure.error));
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.message };
  const scope = { ...visit.scope, states: { ...visit.scope.states, errorOutput } };
  const step = await finish(catcher, catcher.Next, errorOutput, { ...visit, scope });
  visit.frame.history.add(`${state.Type as 'Task' | 'Map' | 'Parallel'}StateExited`, { state: visit.name, output: step.output });
  return step;
}

/** Assign and Output see the same variables: what one assigns, the other does not read. */
async function finish(
  spec: { Assign?: Fields | undefined; Output?: Json | undefined },
  next: string | undefined,
  otherwise: Json,
  { name, scope, frame }: { name: string; scope: Scope; frame: Frame },
): Promise<Step> {
  const assigned = await evaluate(spec.Assign ?? {}, scope, 'Assign');
  checkSize(assigned, name, 'variables');
  const output = spec.Output === undefined ? otherwise : await evaluate(spec.Output, scope, 'Output');
  checkSize(output, name, 'a result');
  return { next, output, variables: { ...frame.variables, ...(assigned as Fields) } };
}

type Bare = Omit<Visit<State>, 'state'>;

async function attempt(state: State, visit: Bare): Promise<Step> {
  const withResult = async (
    spec: State & { Next?: string | undefined; Assign?: Fields | undefined; Output?: Json | undefined },
    result: Json,
  ) => finish(spec, spec.Next, result, { ...visit, scope: { ...visit.scope, states: { ...visit.scope.states, result } } });
  switch (state.Type) {
    case 'Task':
      return withResult(state, await runTask({ ...visit, state }));
    case 'Map':
      return withResult(state, await (isDistributed(state) ? runDistributedMap : runMap)({ ...visit, state }));
    case 'Parallel':
      return withResult(state, await runParallel({ ...visit, state }));
    case 'Pass':
      return finish(state, state.Next, visit.input, visit);
    case 'Wait':
      await wait({ ...visit, state });
      return finish(state, state.Next, visit.input, visit);
    case 'Choice':
      return choose({ ...visit, state });
    case 'Fail':
      return fail({ ...visit, state });
    case 'Succeed':
    default:
      return finish(state, undefined, visit.input, visit);
  }
}

async function wait({ name, state, scope, frame }: Visit<WaitState>): Promise<void> {
  if (state.Seconds !== undefined) {
    const seconds = await evaluateAs(state.Seconds, scope, 'Seconds', 'number', isWholeNumber);
    return frame.clock.sleep(seconds * 1_000, frame.signal);
  }
  const timestamp = await evaluateAs(state.Timestamp ?? '', scope, 'Timestamp', 'string', isText);
  const until = /^\d{4}-\d\d-\d\dT/.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(until))
    throw new StateFailed(ERROR.query, `The state '${name}' waits for '${timestamp}', which is no ISO 8601 timestamp.`);
  return frame.clock.sleep(Math.max(0, until - frame.clock.now().getTime()), frame.signal);
}

async function choose(visit: Visit<ChoiceState>): Promise<Step> {
  const { state, scope, input, name } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const isTrue = await evaluateAs(rule.Condition, scope, `Choices[${index}]/Condition`, 'boolean', isBoolean);
    if (isTrue) return finish(rule, rule.Next, input, visit);
  }
  if (state.Default !== undefined) return finish(state, state.Default, input, visit);
  throw new StateFailed(ERROR.runtime, `No choice of the state '${name}' is met, and it has no default: it points to no next state.`);
}

async function fail({ state, scope }: Visit<FailState>): Promise<never> {
  const text = (template: string | undefined, field: string) => evaluateAs(template ?? '', scope, field, 'string', isText);
  throw new StateFailed(await text(state.Error, 'Error'), await text(state.Cause, 'Cause'));
}
