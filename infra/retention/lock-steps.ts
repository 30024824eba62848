/** What is to be kept is locked and held as it should be, before anything of the asset goes. */
import type { Steps } from '../asl/failure-states.ts';
import { expression, literal } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';

export const FIND_DUE = 'Find the locks and holds that are due';
const EXTEND = 'Extend the locks of kept points';
const SETTLE = 'Settle the holds of points';

/** Points that are locked, or held, beside each other: each works on many objects at once by itself. */
const POINTS_AT_ONCE = 4;

const answer = '$states.result.Payload';
const item = '$states.context.Map.Item.Value';

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
        unreadable: expression(`[${answer}.unreadable]`),
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
          ...functionTask(functions.lockObjects, expression('$states.input'), {}),
          Output: { fact: expression(`${answer}.fact`) },
        },
      },
    },
    Assign: { extended: expression('[$states.result.fact]') },
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
        'Set the holds of its objects': functionTask(functions.holdObjects, expression('$ofHold'), {
          assign: { ofHold: expression(`$merge([$ofHold, {'after': ${answer}.after}])`) },
          next: 'Decide whether it has more objects',
        }),
        'Decide whether it has more objects': {
          Type: 'Choice',
          Choices: [{ Condition: expression(`$ofHold.after != ${literal('')}`), Next: 'Set the holds of its objects' }],
          Default: 'Its holds are as its facts say',
        },
        'Its holds are as its facts say': { Type: 'Succeed' },
      },
    },
    Output: {},
    Next: next,
  },
});
