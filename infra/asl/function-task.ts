import type { Fields, Json, Retrier, TaskState } from './definition.ts';

/** Lambda ends a function after 900 s at most: past that there is no answer to wait for. */
const FUNCTION_TIMEOUT_SECONDS = 910;

/** Faults of the service, not of the function: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
export const SERVICE_FAULTS: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.ClientExecutionTimeoutException',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

/**
 * Calls one function and leaves nothing of the call behind: what later states need is assigned from `$states.result.Payload`.
 * Every function may be called twice with the same payload (records are written once), so faults of the service are retried.
 */
export const functionTask = (functionArn: string, payload: Json, then: { assign?: Fields; next?: string }): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: functionArn, Payload: payload },
  TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
  Retry: [SERVICE_FAULTS],
  ...(then.assign === undefined ? {} : { Assign: then.assign }),
  Output: {},
  ...(then.next === undefined ? { End: true } : { Next: then.next }),
});
