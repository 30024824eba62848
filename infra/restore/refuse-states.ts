import type { FailureName } from '../../core/failure/classes.ts';
import type { TaskState } from '../asl/definition.ts';
import { expression, literal, orElse } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { REPORT_FIELDS } from './run-fields.ts';

type Refusal = Extract<FailureName, 'TooLittleTime' | 'NotSaved'>;

const WHY: Record<Refusal, string> = {
  TooLittleTime: 'Of the time that the plan gives a restore (drill.schedule.longestRun) less than half is left, so nothing was replaced',
  NotSaved: 'The safety backup made no point, so nothing was replaced',
};

/** The machine's own decision not to go on: told like a step that failed, and remembered as what the run ends with. */
export function refuseToReplace(reportFailure: string, step: string, failure: Refusal, next: string): TaskState {
  const why = literal(WHY[failure]);
  const told = Object.entries(REPORT_FIELDS).map(([name, jsonata]) => `'${name}': ${jsonata} != '' ? ${jsonata}`);
  const first = (message: string) => ({ first: expression(`{'failure': '${failure}', 'message': ${message}, 'step': ${literal(step)}}`) });
  return {
    ...functionTask(
      reportFailure,
      expression(
        `{'stage': 'restore', 'step': ${literal(step)}, 'asset': $asset, 'execution': $execution, 'tries': 1, 'point': $point, 'run': $run, ${told.join(', ')}, 'error': {'Error': '${failure}', 'Cause': ${why}}}`,
      ),
      { assign: first(orElse('$states.result.Payload.message', why)), next },
    ),
    // That nobody could be told keeps nothing from being put back.
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: first(why), Output: {}, Next: next }],
  };
}
