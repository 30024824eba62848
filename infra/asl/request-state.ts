import type { Fields, PassState } from './definition.ts';
import { latestDeadline } from './deadline.ts';
import type { LongestRuns } from './deadline.ts';
import { expression } from './expression.ts';
import { MACHINE_SCOPE, nothingFailed } from './failure-states.ts';

/** Name of every machine's first state. */
export const TAKE_REQUEST = 'Take the request';

/** Notes what is asked, by which execution and when, before any function is called: a failure from then on can be reported. */
export const takeRequest = (parts: { longestRuns: LongestRuns; askedFor: string; assign?: Fields; next: string }): PassState => ({
  Type: 'Pass',
  Assign: {
    request: expression('$states.input'),
    execution: expression('$states.context.Execution.Id'),
    startedAt: expression('$states.context.Execution.StartTime'),
    // What is asked for in the request's own words, until the first function has checked it.
    asset: expression(`$type($states.input.${parts.askedFor}) = 'string' ? $states.input.${parts.askedFor} : ''`),
    point: '',
    run: '',
    deadline: expression(latestDeadline(parts.longestRuns)),
    ...nothingFailed(MACHINE_SCOPE),
    ...parts.assign,
  },
  Output: {},
  Next: parts.next,
});

/** Payload of every machine's first function. */
export const REQUEST_PAYLOAD: Fields = {
  input: expression('$request'),
  execution: expression('$execution'),
  startedAt: expression('$startedAt'),
};
