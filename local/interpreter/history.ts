/** What happened in an execution, in order: the event types of `GetExecutionHistory`, with what a person wants to read of each. */
import type { Json } from './language.ts';

export type EventType =
  | 'ExecutionStarted'
  | 'ExecutionSucceeded'
  | 'ExecutionFailed'
  | 'ExecutionTimedOut'
  | 'ExecutionAborted'
  | `${'Task' | 'Pass' | 'Choice' | 'Wait' | 'Map' | 'Parallel' | 'Succeed' | 'Fail'}StateEntered`
  | `${'Task' | 'Pass' | 'Choice' | 'Wait' | 'Map' | 'Parallel' | 'Succeed'}StateExited`
  | 'TaskScheduled'
  | 'TaskSucceeded'
  | 'TaskFailed'
  | 'TaskTimedOut'
  | 'MapStateStarted'
  | 'MapStateSucceeded'
  | 'MapStateFailed'
  | 'MapIterationStarted'
  | 'MapIterationSucceeded'
  | 'MapIterationFailed'
  | 'MapIterationAborted'
  | 'ParallelStateStarted'
  | 'ParallelStateSucceeded'
  | 'ParallelStateFailed'
  | 'EvaluationFailed';

export type HistoryEvent = {
  id: number;
  at: Date;
  type: EventType;
  /** Name of the state that it happened in. */
  state?: string;
  /** Position of the item, in a Map. */
  index?: number;
  resource?: string;
  input?: Json;
  output?: Json;
  error?: string;
  cause?: string;
};

export type HistoryNote = Omit<HistoryEvent, 'id' | 'at' | 'type'>;

export type History = { readonly events: readonly HistoryEvent[]; add(type: EventType, note?: HistoryNote): void };

export function createHistory(now: () => Date, onEvent?: (event: HistoryEvent) => void): History {
  const events: HistoryEvent[] = [];
  return {
    events,
    add(type, note = {}) {
      const event: HistoryEvent = { id: events.length + 1, at: now(), type, ...note };
      events.push(event);
      onEvent?.(event);
    },
  };
}
