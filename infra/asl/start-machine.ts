import type { Fields, Json, Retrier, TaskState } from './definition.ts';

/** Throttling and faults of Step Functions; what the other machine ended with is none of these. */
const SERVICE_FAULTS: Retrier = {
  ErrorEquals: ['StepFunctions.ServiceException', 'StepFunctions.ThrottlingException', 'StepFunctions.SdkClientException'],
  IntervalSeconds: 5,
  MaxAttempts: 4,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

export const START_MACHINE = 'arn:aws:states:::states:startExecution.sync:2';

/** Runs another machine to its end: `$states.result.Output` is what it answered, as JSON. It fails when that machine does. */
export const startMachine = (
  machineArn: string,
  input: Json,
  then: { name: string; timeoutSeconds: number; assign?: Fields; next: string },
): TaskState => ({
  Type: 'Task',
  Resource: START_MACHINE,
  // A name makes it one execution, however often the service is asked.
  Arguments: { StateMachineArn: machineArn, Name: then.name, Input: input },
  TimeoutSeconds: then.timeoutSeconds,
  Retry: [SERVICE_FAULTS],
  ...(then.assign === undefined ? {} : { Assign: then.assign }),
  Output: {},
  Next: then.next,
});
