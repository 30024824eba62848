/**
 * The restore machine: one point becomes a new database beside its source, and the record of that is signed, locked and copied.
 * Anything else it refuses, with what is possible.
 */
import { AFTER_THE_RESTORE, RETRIEVAL, stepOfTask } from '../../core/failure/steps.ts';
import { evidenceKey, signatureKey } from '../../core/vault/keys.ts';
import type { StateMachineDefinition } from '../asl/definition.ts';
import { deadlineOf, machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { RUN_PLACEHOLDER, asCause, expression, keyExpression, literal, orElse, runValues } from '../asl/expression.ts';
import { MACHINE_SCOPE, currentTry, withFailureStates } from '../asl/failure-states.ts';
import { fargateTask } from '../asl/fargate-task.ts';
import type { TaskNetwork } from '../asl/fargate-task.ts';
import { functionTask } from '../asl/function-task.ts';
import { askForData, NOT_RETRIEVED, RETRIEVAL_ALLOWANCE_SECONDS, retrievalStates } from '../asl/retrieval-states.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';
import type { FailureName } from '../../core/failure/classes.ts';

export type RestoreWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. `copyRecords` is absent where the evidence is written to the replica itself. */
  functions: {
    checkRequest: string;
    retrievePoint: string;
    signObjects: string;
    lockObjects: string;
    copyRecords?: string;
    reportFailure: string;
  };
  /** ARN of the cluster. */
  cluster: string;
  restoreNetwork: TaskNetwork;
  /** Seconds that a restore of an asset may take, by asset. */
  longestRuns: LongestRuns;
};

const REFUSED: FailureName = 'BadInput';
const RESTORE = stepOfTask('restore');
const { sign: SIGN, lock: LOCK, copy: COPY } = AFTER_THE_RESTORE;
const DONE = 'The point stands in a new database';
const INCOMPLETE_EVIDENCE = 'The restore worked and its evidence is incomplete';

export const restoreWorkflow = (parts: RestoreWorkflowParts): StateMachineDefinition => {
  const { system, functions } = parts;
  const result = evidenceKey(system, 'restore-result', RUN_PLACEHOLDER);
  const ofRun = (key: string) => expression(keyExpression(key, runValues('$run')));
  const records = [ofRun(result), ofRun(signatureKey(result))];
  return {
    Comment: `Restores one point of ${system} into a new database beside its source`,
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: machineTimeoutSeconds(parts.longestRuns) + RETRIEVAL_ALLOWANCE_SECONDS,
    States: {
      [TAKE_REQUEST]: takeRequest({
        longestRuns: parts.longestRuns,
        askedFor: 'asset',
        assign: { check: {}, database: '', selection: {}, ...NOT_RETRIEVED },
        next: 'Check the request',
      }),
      'Decide whether the request can be met': {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression('$check.accepted = true'),
            Assign: {
              asset: expression('$check.asset'),
              point: expression('$check.point'),
              run: expression('$check.run'),
              database: expression('$check.database'),
              selection: expression(orElse('$check.selection', '{}')),
              deadline: expression(deadlineOf(parts.longestRuns, '$check.asset')),
            },
            Next: RETRIEVAL.ask,
          },
        ],
        Default: 'The request cannot be met',
      },
      ...retrievalStates(RESTORE),
      'The request cannot be met': {
        Type: 'Fail',
        Error: REFUSED,
        Cause: asCause(orElse('$check.message', literal('The request was not accepted'))),
      },
      ...withFailureStates(
        {
          stage: 'restore',
          scope: { ...MACHINE_SCOPE, more: { database: '$database', selection: '$selection' } },
          reportFailure: functions.reportFailure,
          goOn: { [SIGN]: INCOMPLETE_EVIDENCE, [LOCK]: INCOMPLETE_EVIDENCE, [COPY]: INCOMPLETE_EVIDENCE },
        },
        {
          'Check the request': functionTask(functions.checkRequest, REQUEST_PAYLOAD, {
            assign: { check: expression('$states.result.Payload') },
            next: 'Decide whether the request can be met',
          }),
          [RETRIEVAL.ask]: askForData(functions.retrievePoint),
          [RESTORE]: fargateTask({
            system,
            task: 'restore',
            cluster: parts.cluster,
            network: parts.restoreNetwork,
            environment: {
              POINT: '$point',
              DATABASE: '$database',
              SELECTION: '$selection',
              RUN: '$run',
              TRY: currentTry(MACHINE_SCOPE, RESTORE),
            },
            next: SIGN,
          }),
          [SIGN]: functionTask(functions.signObjects, { keys: [ofRun(result)] }, { next: LOCK }),
          [LOCK]: functionTask(functions.lockObjects, { keys: records }, { next: functions.copyRecords === undefined ? DONE : COPY }),
          ...(functions.copyRecords === undefined
            ? {}
            : { [COPY]: functionTask(functions.copyRecords, { keys: records }, { next: DONE }) }),
        },
      ),
      // A failure, so that somebody looks; and said in a way that nobody restores a second time for it.
      [INCOMPLETE_EVIDENCE]: {
        Type: 'Fail',
        Error: expression('$report.failure'),
        Cause: asCause(
          `'The restore worked: the point ' & $point & ' stands in the new database ' & $database & '. Its evidence is incomplete: ' & $report.message`,
        ),
      },
      [DONE]: {
        Type: 'Succeed',
        Output: {
          system,
          asset: expression('$asset'),
          point: expression('$point'),
          run: expression('$run'),
          database: expression('$database'),
          result: ofRun(result),
        },
      },
    },
  };
};
