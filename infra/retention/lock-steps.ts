/**
 * What is to be kept is locked and held as it should be, before anything of the asset goes. A point of which that fails for good is
 * named at the end of the run, and keeps no other from being locked.
 */
import type { Steps } from '../asl/failure-states.ts';
import type { Catcher, Retrier } from '../asl/definition.ts';
import { expression, literal, orElse } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';

export const FIND_DUE = 'Find the locks and holds that are due';
const EXTEND = 'Extend the locks of kept points';
const SETTLE = 'Settle the holds of points';

/** Points that are locked, or held, beside each other: each works on many objects at once by itself. */
const POINTS_AT_ONCE = 4;

const answer = '$states.result.Payload';
const item = '$states.context.Map.Item.Value';

/** Once more, a minute or two later: what is over by then is no reason to leave a point to the next day. */
const ONCE_MORE: Retrier = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 120,
  MaxAttempts: 1,
  BackoffRate: 1,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};
/** Characters of a failure: those of a run stand in one payload. */
const LONGEST_REASON = 250;
const cause = `$string(${orElse('$states.errorOutput.Cause', literal(''))})`;
/** The sentence of the error; what is no error of a function has none. */
const sentence = orElse(`$match(${cause}, /"errorMessage":\\s*"([^"]*)/)[0].groups[0]`, '$states.errorOutput.Error');
const caught = (what: string, point: string, next: string): Catcher => ({
  ErrorEquals: ['States.ALL'],
  Output: { why: expression(`$substring(${literal(`${what} of `)} & ${point} & ': ' & ${sentence}, 0, ${LONGEST_REASON})`) },
  Next: next,
});
const once = <T extends { Retry?: Retrier[] }>(task: T): T => ({ ...task, Retry: [...(task.Retry ?? []), ONCE_MORE] });

export type LockStepParts = { system: string; functions: { findDue: string; lockObjects: string; holdObjects: string } };

/** Done again, they find what is left. The facts that they write are signed with the evidence of the run. */
export const lockAndHoldSteps = ({ system, functions }: LockStepParts, next: string): Steps => ({
  [FIND_DUE]: functionTask(
    functions.findDue,
    { asset: expression('$asset'), run: expression('$run'), policy: expression('$policy'), term: expression('$term') },
    {
      assign: {
        extend: expression(`[${answer}.extend]`),
        settle: expression(`[${answer}.settle]`),
        unsigned: expression(`[${answer}.sign]`),
        undone: expression(`[${answer}.unreadable]`),
      },
      next: EXTEND,
    },
  ),
  [EXTEND]: {
    Type: 'Map',
    Items: expression('$extend'),
    ItemSelector: {
      system,
      asset: expression('$asset'),
      run: expression('$run'),
      term: expression('$term'),
      point: expression(`${item}.point`),
      until: expression(`${item}.until`),
      keys: [],
    },
    MaxConcurrency: POINTS_AT_ONCE,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Extend the lock of one point',
      States: {
        'Extend the lock of one point': {
          ...once(functionTask(functions.lockObjects, expression('$states.input'), {})),
          Catch: [caught('the lock', '$states.input.point', 'Its lock is as it was')],
          Output: { fact: expression(`${answer}.fact`) },
        },
        'Its lock is as it was': { Type: 'Succeed' },
      },
    },
    Assign: { extended: expression('[$states.result.fact]'), undone: expression('$append([$undone], [$states.result.why])') },
    Output: {},
    Next: SETTLE,
  },
  [SETTLE]: {
    Type: 'Map',
    Items: expression('$settle'),
    ItemSelector: { asset: expression('$asset'), point: expression(item) },
    MaxConcurrency: POINTS_AT_ONCE,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Take one held point',
      States: {
        'Take one held point': {
          Type: 'Pass',
          Assign: { ofHold: expression('$states.input') },
          Output: {},
          Next: 'Set the holds of its objects',
        },
        'Set the holds of its objects': {
          ...once(
            functionTask(functions.holdObjects, expression('$ofHold'), {
              assign: { ofHold: expression(`$merge([$ofHold, {'after': ${answer}.after, 'held': ${answer}.held}])`) },
              next: 'Decide whether it has more objects',
            }),
          ),
          Catch: [caught('the holds', '$ofHold.point', 'Its holds are not as its facts say')],
        },
        'Decide whether it has more objects': {
          Type: 'Choice',
          Choices: [{ Condition: expression(`$ofHold.after != ${literal('')}`), Next: 'Set the holds of its objects' }],
          Default: 'Its holds are as its facts say',
        },
        'Its holds are as its facts say': { Type: 'Succeed' },
        'Its holds are not as its facts say': { Type: 'Succeed' },
      },
    },
    Assign: {
      settled: expression('$count($settle) - $count($states.result.why)'),
      undone: expression('$append([$undone], [$states.result.why])'),
    },
    Output: {},
    Next: next,
  },
});
