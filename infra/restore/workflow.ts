/** The restore machine: one point becomes a new database beside its source. Anything else it refuses, with what is possible. */
import { evidenceKey } from '../../core/vault/keys.ts';
import type { StateMachineDefinition } from '../asl/definition.ts';
import { deadlineOf, machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { RUN_PLACEHOLDER, asCause, expression, keyExpression, literal, orElse, runValues } from '../asl/expression.ts';
import { withFailureStates } from '../asl/failure-states.ts';
import { fargateTask } from '../asl/fargate-task.ts';
import type { TaskNetwork } from '../asl/fargate-task.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';
import type { FailureName } from '../../core/failure/classes.ts';

export type RestoreWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. */
  functions: { checkRequest: string; reportFailure: string };
  /** ARN of the cluster. */
  cluster: string;
  restoreNetwork: TaskNetwork;
  /** Seconds that a restore of an asset may take, by asset. */
  longestRuns: LongestRuns;
};

const REFUSED: FailureName = 'BadInput';

export const restoreWorkflow = (parts: RestoreWorkflowParts): StateMachineDefinition => {
  const { system, functions } = parts;
  const result = keyExpression(evidenceKey(system, 'restore-result', RUN_PLACEHOLDER), runValues('$run'));
  return {
    Comment: `Restores one point of ${system} into a new database beside its source`,
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: machineTimeoutSeconds(parts.longestRuns),
    States: {
      [TAKE_REQUEST]: takeRequest({
        longestRuns: parts.longestRuns,
        askedFor: 'asset',
        assign: { check: {}, database: '' },
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
              deadline: expression(deadlineOf(parts.longestRuns, '$check.asset')),
            },
            Next: 'Restore into a new database',
          },
        ],
        Default: 'The request cannot be met',
      },
      'The request cannot be met': {
        Type: 'Fail',
        Error: REFUSED,
        Cause: asCause(orElse('$check.message', literal('The request was not accepted'))),
      },
      ...withFailureStates(
        { stage: 'restore', reportFailure: functions.reportFailure },
        {
          'Check the request': functionTask(functions.checkRequest, REQUEST_PAYLOAD, {
            assign: { check: expression('$states.result.Payload') },
            next: 'Decide whether the request can be met',
          }),
          'Restore into a new database': fargateTask({
            system,
            task: 'restore',
            cluster: parts.cluster,
            network: parts.restoreNetwork,
            environment: { POINT: '$point', DATABASE: '$database', RUN: '$run' },
            next: 'The point stands in a new database',
          }),
        },
      ),
      'The point stands in a new database': {
        Type: 'Succeed',
        Output: {
          system,
          asset: expression('$asset'),
          point: expression('$point'),
          run: expression('$run'),
          database: expression('$database'),
          result: expression(result),
        },
      },
    },
  };
};
