/** The states that hold states. */
import { ERROR, StateFailed } from './errors.ts';
import { evaluate, evaluateAs, isArray, isWholeNumber, type Scope } from './evaluate.ts';
import { checkSize, type Visit } from './frame.ts';
import type { Fields, Json, MapState, ParallelState } from './language.ts';
import { runTogether } from './together.ts';

/** What the service runs beside each other in an inline map, whatever MaxConcurrency says. */
const INLINE_CONCURRENCY = 40;

export async function runMap({ name, state, input, scope, frame }: Visit<MapState>): Promise<Json> {
  const items = await itemsOf(state, input, scope);
  const limit = await evaluateAs(state.MaxConcurrency, scope, 'MaxConcurrency', 'number', isWholeNumber);
  frame.history.add('MapStateStarted', { state: name });
  const iterate = (item: Json, index: number) => async (signal: AbortSignal) => {
    frame.history.add('MapIterationStarted', { state: name, index });
    try {
      const { selected, context } = await selectItem(state, { item, index }, scope);
      checkSize(selected, name, 'an item');
      const result = await frame.runGroup(state.ItemProcessor, selected, { ...frame, context, signal, index });
      frame.history.add('MapIterationSucceeded', { state: name, index });
      return result;
    } catch (error) {
      frame.history.add(error instanceof StateFailed ? 'MapIterationFailed' : 'MapIterationAborted', { state: name, index });
      throw error;
    }
  };
  try {
    const results = await runTogether(items.map(iterate), Math.min(limit || INLINE_CONCURRENCY, INLINE_CONCURRENCY), frame.signal);
    frame.history.add('MapStateSucceeded', { state: name });
    return results;
  } catch (error) {
    frame.history.add('MapStateFailed', { state: name });
    throw error;
  }
}

/** What an iteration gets of its item, and the Context Object that names the item. */
export async function selectItem(
  state: MapState,
  { item, index }: { item: Json; index: number },
  scope: Scope,
): Promise<{ selected: Json; context: Fields }> {
  const context: Fields = { ...(scope.states.context as Fields), Map: { Item: { Index: index, Value: item } } };
  if (state.ItemSelector === undefined) return { selected: item, context };
  return { selected: await evaluate(state.ItemSelector, { ...scope, states: { ...scope.states, context } }, 'ItemSelector'), context };
}

export async function itemsOf(state: MapState, input: Json, scope: Scope): Promise<Json[]> {
  if (state.Items !== undefined) return evaluateAs(state.Items, scope, 'Items', 'array', isArray);
  if (isArray(input)) return input;
  throw new StateFailed(ERROR.query, `The state has no 'Items', and its input is not an array.`);
}

export async function runParallel({ name, state, input, scope, frame }: Visit<ParallelState>): Promise<Json> {
  const argument = state.Arguments === undefined ? input : await evaluate(state.Arguments, scope, 'Arguments');
  checkSize(argument, name, 'arguments');
  frame.history.add('ParallelStateStarted', { state: name });
  try {
    const branches = state.Branches.map((branch) => (signal: AbortSignal) => frame.runGroup(branch, argument, { ...frame, signal }));
    const results = await runTogether(branches, branches.length, frame.signal);
    frame.history.add('ParallelStateSucceeded', { state: name });
    return results;
  } catch (error) {
    frame.history.add('ParallelStateFailed', { state: name });
    throw error;
  }
}
