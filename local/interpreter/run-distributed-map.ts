/**
 * A map whose iterations are executions of their own: each has its own context and sees no variable of the execution around it. The
 * first that fails ends the others and the map, since no share of failures is tolerated where none is said to be.
 */
import { randomUUID } from 'node:crypto';
import { ERROR, StateFailed } from './errors.ts';
import { evaluate, evaluateAs, isWholeNumber, type Scope } from './evaluate.ts';
import { checkSize, type Visit } from './frame.ts';
import type { HistoryNote } from './history.ts';
import type { Fields, ItemReader, Json, MapState } from './language.ts';
import { itemsOf, selectItem } from './run-groups.ts';
import { runTogether } from './together.ts';

/** The service runs up to 10,000 beside each other; here they would only wait for the processors. */
const MOST_AT_ONCE = 40;

export async function runDistributedMap(visit: Visit<MapState>): Promise<Json> {
  const { name, state, input, scope, frame } = visit;
  const read = state.ItemReader === undefined ? undefined : await readItems(state.ItemReader, visit);
  const items = read?.items ?? (await itemsOf(state, input, scope));
  const limit = await evaluateAs(state.MaxConcurrency, scope, 'MaxConcurrency', 'number', isWholeNumber);
  const selected = await Promise.all(items.map(async (item, index) => (await selectItem(state, { item, index }, scope)).selected));
  const inputs = await batch(selected, state, scope);
  frame.history.add('MapStateStarted', { state: name, ...read?.note });
  const execute = (childInput: Json, index: number) => async (signal: AbortSignal) => {
    frame.history.add('MapIterationStarted', { state: name, index });
    try {
      checkSize(childInput, name, 'an input of an execution');
      const context = childContext(scope, childInput, frame.clock.now());
      const output = await frame.runGroup(state.ItemProcessor, childInput, { ...frame, context, variables: {}, signal, index });
      frame.history.add('MapIterationSucceeded', { state: name, index });
      return output;
    } catch (error) {
      const failed = error instanceof StateFailed;
      frame.history.add(failed ? 'MapIterationFailed' : 'MapIterationAborted', {
        state: name,
        index,
        ...(failed && { error: error.error, cause: error.message }),
      });
      throw error;
    }
  };
  try {
    const results = await runTogether(inputs.map(execute), Math.min(limit || MOST_AT_ONCE, MOST_AT_ONCE), frame.signal);
    checkSize(results, name, 'a result');
    frame.history.add('MapStateSucceeded', { state: name });
    return results;
  } catch (error) {
    frame.history.add('MapStateFailed', { state: name });
    if (!(error instanceof StateFailed) || error.error === ERROR.dataLimit) throw error;
    throw new StateFailed(ERROR.toleratedFailure, `The specified tolerated failure threshold was exceeded: ${error.message}`, {
      cause: error,
    });
  }
}

async function readItems(reader: ItemReader, { name, scope, frame }: Visit<MapState>): Promise<{ items: Json[]; note: HistoryNote }> {
  const parameters = await evaluate(reader.Arguments, scope, 'ItemReader/Arguments');
  const text = await frame.host.readText(reader.Resource, parameters, { signal: frame.signal, state: name });
  frame.signal.throwIfAborted();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const items = lines.map((line, index) => {
    try {
      return JSON.parse(line) as Json;
    } catch (error) {
      throw new StateFailed(ERROR.itemReader, `Line ${index + 1} of what the state '${name}' reads is not JSON.`, { cause: error });
    }
  });
  return { items, note: { resource: reader.Resource, input: parameters } };
}

async function batch(items: Json[], { ItemBatcher: batcher }: MapState, scope: Scope): Promise<Json[]> {
  if (batcher === undefined) return items;
  const size = await evaluateAs(batcher.MaxItemsPerBatch, scope, 'MaxItemsPerBatch', 'number', isWholeNumber);
  const shared: Fields =
    batcher.BatchInput === undefined ? {} : { BatchInput: await evaluate(batcher.BatchInput, scope, 'ItemBatcher/BatchInput') };
  const batches: Json[] = [];
  for (let start = 0; start < items.length; start += size) batches.push({ ...shared, Items: items.slice(start, start + size) });
  return batches;
}

/** The execution of a map is named after its machine and the run of the map. */
function childContext(scope: Scope, input: Json, now: Date): Fields {
  const outer = scope.states.context as { Execution: Fields; StateMachine: { Id: string; Name: string } };
  const [machine = ''] = outer.StateMachine.Id.replace(':stateMachine:', ':execution:').split('/');
  const name = randomUUID();
  return {
    Execution: {
      ...outer.Execution,
      Id: `${machine}/${randomUUID()}:${name}`,
      Name: name,
      Input: input,
      StartTime: now.toISOString(),
    },
    StateMachine: outer.StateMachine,
  };
}
