/**
 * A point whose data is in an archive: asked for, and waited for, before the task that reads it starts. The time is the recovery's
 * own, and not the task's: its deadline moves by as much.
 */
import { RETRIEVAL } from '../../core/failure/steps.ts';
import { LONGEST_RETRIEVAL_SECONDS } from '../../core/restore/retrieval.ts';
import type { Fields, States, TaskState } from './definition.ts';
import { expression } from './expression.ts';
import { functionTask } from './function-task.ts';

/** What a machine that reads points may take beyond its longest run. */
export const RETRIEVAL_ALLOWANCE_SECONDS = LONGEST_RETRIEVAL_SECONDS;

/** Before anything was asked for. */
export const NOT_RETRIEVED: Fields = { retrieval: { ready: false, since: '', seconds: 0, waitSeconds: 0 } };

export const askForData = (retrievePoint: string): TaskState =>
  functionTask(
    retrievePoint,
    { asset: expression('$asset'), point: expression('$point'), since: expression('$retrieval.since') },
    { assign: { retrieval: expression('$states.result.Payload') }, next: RETRIEVAL.decide },
  );

/** @param next reads the data */
export const retrievalStates = (next: string): States => ({
  [RETRIEVAL.decide]: {
    Type: 'Choice',
    Choices: [
      {
        Condition: expression('$retrieval.ready'),
        Assign: { deadline: expression('$deadline + 1000 * $retrieval.seconds') },
        Next: next,
      },
    ],
    Default: RETRIEVAL.wait,
  },
  [RETRIEVAL.wait]: { Type: 'Wait', Seconds: expression('$retrieval.waitSeconds'), Next: RETRIEVAL.ask },
});
