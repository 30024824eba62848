import type { FailureName } from '../../core/failure/classes.ts';
import type { TaskState } from '../asl/definition.ts';
import { expression, literal, orElse } from '../asl/expression.ts';
import { tellOwn } from './tell-own.ts';

type Refusal = Extract<FailureName, 'TooLittleTime' | 'NotSaved'>;

const WHY: Record<Refusal, string> = {
  TooLittleTime: 'Of the time that the plan gives a restore (drill.schedule.longestRun) less than half is left, so nothing was replaced',
  NotSaved: 'The safety backup made no point, so nothing was replaced',
};

/** The machine's own decision not to go on: told like a step that failed, and remembered as what the run ends with. */
export function refuseToReplace(reportFailure: string, step: string, failure: Refusal, next: string): TaskState {
  const why = literal(WHY[failure]);
  const first = (message: string) => ({ first: expression(`{'failure': '${failure}', 'message': ${message}, 'step': ${literal(step)}}`) });
  return tellOwn(
    reportFailure,
    { step, failure, why },
    { next, told: first(orElse('$states.result.Payload.message', why)), untold: first(why) },
  );
}
