/**
 * The machine of holds: one legal hold of one point is put on or released, beside one vault. The fact comes first, and S3's holds follow
 * what the facts say, so that every step may be done again, and what is left undone is done by the next run of retention.
 */
import { HOLD_TIMEOUT_SECONDS } from '../../core/lock/contract.ts';
import type { StateMachineDefinition } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';
import { withFailureStates } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';

export type HoldWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. `copyRecords` is absent beside the replica, from which nothing is copied. */
  functions: {
    recordHold: string;
    signObjects: string;
    holdObjects: string;
    lockObjects: string;
    copyRecords?: string;
    reportFailure: string;
  };
};

const HOLD = 'Set the holds of the objects';
const LOCK = 'Lock the record of the hold';
const COPY = 'Copy the record of the hold';
const MORE = 'Decide whether more objects are left';
const WRITTEN = 'Decide whether there is a record to lock';
const REPLICATED = 'Decide whether the replica has the point';
const DONE = 'The point is held as its facts say';
const answer = '$states.result.Payload';
const records = { keys: expression('$toSign') };

export const holdWorkflow = ({ system, functions }: HoldWorkflowParts): StateMachineDefinition => ({
  Comment: `Puts a legal hold on a point of ${system}, or releases one`,
  QueryLanguage: 'JSONata',
  StartAt: TAKE_REQUEST,
  TimeoutSeconds: HOLD_TIMEOUT_SECONDS,
  States: {
    [TAKE_REQUEST]: takeRequest({
      longestRuns: {},
      askedFor: 'asset',
      assign: { hold: '', changed: false, holds: [], toSign: [], replicated: false, after: '', held: false, objects: 0 },
      next: 'Write down what is held',
    }),
    ...withFailureStates(
      { stage: 'hold', reportFailure: functions.reportFailure },
      {
        'Write down what is held': functionTask(functions.recordHold, REQUEST_PAYLOAD, {
          assign: {
            run: expression(`${answer}.run`),
            asset: expression(`${answer}.asset`),
            point: expression(`${answer}.point`),
            hold: expression(`${answer}.hold`),
            changed: expression(`${answer}.changed`),
            holds: expression(`[${answer}.holds]`),
            toSign: expression(`[${answer}.sign]`),
            replicated: expression(`${answer}.replicated`),
          },
          next: 'Decide whether there is a record to sign',
        }),
        'Sign the record of the hold': functionTask(functions.signObjects, records, { next: HOLD }),
        [HOLD]: functionTask(
          functions.holdObjects,
          expression(
            "$merge([{'asset': $asset, 'point': $point}, $after != '' ? {'after': $after, 'held': $held} : {}, $hold in $holds ? {'hold': $hold} : {}])",
          ),
          {
            assign: {
              after: expression(`${answer}.after`),
              held: expression(`${answer}.held`),
              objects: expression(`$objects + ${answer}.objects`),
            },
            next: MORE,
          },
        ),
        [LOCK]: functionTask(functions.lockObjects, records, { next: functions.copyRecords === undefined ? DONE : REPLICATED }),
        ...(functions.copyRecords === undefined ? {} : { [COPY]: functionTask(functions.copyRecords, records, { next: DONE }) }),
      },
    ),
    'Decide whether there is a record to sign': {
      Type: 'Choice',
      Choices: [{ Condition: expression('$count($toSign) > 0'), Next: 'Sign the record of the hold' }],
      Default: HOLD,
    },
    [MORE]: {
      Type: 'Choice',
      Choices: [{ Condition: expression("$after != ''"), Next: HOLD }],
      Default: WRITTEN,
    },
    [WRITTEN]: {
      Type: 'Choice',
      Choices: [{ Condition: expression('$count($toSign) > 0'), Next: LOCK }],
      Default: DONE,
    },
    ...(functions.copyRecords === undefined
      ? {}
      : {
          // A point that is not there yet brings its facts along when it comes.
          [REPLICATED]: { Type: 'Choice', Choices: [{ Condition: expression('$replicated'), Next: COPY }], Default: DONE },
        }),
    [DONE]: {
      Type: 'Succeed',
      Output: {
        asset: expression('$asset'),
        point: expression('$point'),
        hold: expression('$hold'),
        changed: expression('$changed'),
        holds: expression('[$holds]'),
        objects: expression('$objects'),
        replicated: expression('$replicated'),
        records: expression('[$toSign]'),
      },
    },
  },
});
