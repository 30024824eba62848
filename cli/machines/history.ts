/** The history of an execution, read on from where the last reading ended. */
import type { GetExecutionHistoryOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import type { StateEvent } from '../machines.ts';
import { retryNotice } from './retry-notice.ts';

type ReadPage = (token: string | undefined) => Promise<Pick<GetExecutionHistoryOutput, 'events' | 'nextToken'>>;

/** Results of steps can be of any form. */
function parseOutput(output: string | undefined): unknown {
  try {
    return JSON.parse(output ?? 'null') as unknown;
  } catch {
    return undefined;
  }
}

const WORK = /^(Task|Map|Parallel|Wait)State/;

export function historyReader(readPage: ReadPage) {
  // The token of the last page: that page grows until it is full, and is read again until then.
  let token: string | undefined;
  let lastId = 0;
  /** Which state an event belongs to: that of the event before it, back to where the state was entered. */
  const stateOf = new Map<number, string>();

  const toEvent = (event: HistoryEvent): StateEvent | undefined => {
    const { id = 0, previousEventId = 0, type = '' } = event;
    const name = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? stateOf.get(previousEventId);
    if (name === undefined) return undefined;
    stateOf.set(id, name);
    const at = event.timestamp ?? new Date(0);
    if (type.endsWith('StateEntered')) return { at, kind: 'entered', state: name, isWork: WORK.test(type) };
    if (type.endsWith('StateExited')) return { at, kind: 'exited', state: name, isWork: WORK.test(type) };
    if (type === 'TaskSucceeded') {
      const notice = retryNotice(parseOutput(event.taskSucceededEventDetails?.output));
      return notice === undefined ? undefined : { at, kind: 'told', state: name, isWork: true, detail: notice };
    }
    const failed = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? event.mapIterationFailedEventDetails;
    if (!/(Failed|TimedOut)$/.test(type) || type.startsWith('Execution')) return undefined;
    const error = failed !== undefined && 'error' in failed ? failed.error : undefined;
    return { at, kind: 'failed', state: name, isWork: true, detail: error };
  };

  return {
    /** What happened since the last call, in order. */
    async next(): Promise<StateEvent[]> {
      const events: StateEvent[] = [];
      for (;;) {
        const page = await readPage(token);
        for (const raw of page.events ?? []) {
          if ((raw.id ?? 0) <= lastId) continue;
          lastId = raw.id ?? lastId;
          const event = toEvent(raw);
          if (event !== undefined) events.push(event);
        }
        if (page.nextToken === undefined) return events;
        token = page.nextToken;
      }
    },
  };
}
