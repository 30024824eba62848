/** How the retention machine ends: what of it was not done is named, and told. */
import type { FailureName } from '../../core/failure/classes.ts';
import type { States } from '../asl/definition.ts';
import { asCause, counted, expression, literal, orElse } from '../asl/expression.ts';
import { tellOfEnd } from '../asl/failure-states.ts';

export const IS_DONE = 'Decide whether all is done';
const NOT_EXPIRED: FailureName = 'PointNotExpired';

/** JSONata. */
export const stillThere = (count: string, evidence: string) =>
  `${counted(count, 'point that expires is', 'points that expire are')} & ' still there, see ' & $join(${evidence}, ', ')`;

const FAILED = '$outcomes[failed > 0]';
const causes = `$join(${FAILED}.(asset & ': ' & ${orElse('message', stillThere('failed', '[evidence]'))}), '; ')`;

export const endStates = (reportFailure: string): States => ({
  [IS_DONE]: {
    Type: 'Choice',
    Choices: [
      // What failed as a step was told as that, when it did: the points that are left were not.
      { Condition: expression('$count($outcomes[pointsLeft > 0]) > 0'), Next: 'Tell what did not expire' },
      { Condition: expression(`$count(${FAILED}) > 0`), Next: 'Some points did not expire' },
    ],
    Default: 'All is done',
  },
  'All is done': { Type: 'Succeed', Output: { run: expression('$run'), assets: expression('[$outcomes]') } },
  'Tell what did not expire': tellOfEnd(
    {
      stage: 'retention',
      reportFailure: reportFailure,
      step: 'Go through the assets',
      next: 'Some points did not expire',
    },
    { asset: '$asset', error: literal(NOT_EXPIRED), cause: causes },
  ),
  'Some points did not expire': {
    Type: 'Fail',
    Error: NOT_EXPIRED,
    Cause: asCause(`'Not done: ' & ${causes}`),
  },
});
