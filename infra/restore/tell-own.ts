import type { FailureName } from '../../core/failure/classes.ts';
import type { Fields, TaskState } from '../asl/definition.ts';
import { expression, literal } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { REPORT_FIELDS } from './run-fields.ts';

/**
 * What the machine finds out without a step that failed is told like one, and the run goes on. That nobody could be told stops nothing.
 * @param of.why JSONata of a sentence in Holdfast's own words
 * @param then.told assigned then, `untold` when nobody could be told
 */
export function tellOwn(
  reportFailure: string,
  of: { step: string; failure: FailureName; why: string },
  { next, told = {}, untold = {} }: { next: string; told?: Fields; untold?: Fields },
): TaskState {
  const fields = Object.entries({ point: '$point', run: '$run', ...REPORT_FIELDS }).map(
    ([name, jsonata]) => `'${name}': ${jsonata} != '' ? ${jsonata}`,
  );
  return {
    ...functionTask(
      reportFailure,
      expression(
        `{'stage': 'restore', 'step': ${literal(of.step)}, 'asset': $asset, 'execution': $execution, 'tries': 1, ${fields.join(', ')}, 'error': {'Error': '${of.failure}', 'Cause': ${of.why}}}`,
      ),
      { assign: told, next },
    ),
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: untold, Output: {}, Next: next }],
  };
}
