import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import type { HandlerPath } from '../handlers.ts';
import type { System } from '../system.ts';
import { deadLetterQueueArn } from './shared.ts';

/** As many as Lambda makes at most. */
const RETRIES = 2;

type Calls = { handler: HandlerPath; oldestSeconds: number; made: IConstruct };

/**
 * Of a function that is called by events: what fails is tried again, and then kept in the dead-letter queue. Its role needs
 * `sqs:SendMessage` there.
 * @param made the function, which has to be there first
 */
export function keepFailedCalls(stack: Construct, id: string, system: System, { handler, oldestSeconds, made }: Calls): void {
  new CfnEventInvokeConfig(stack, id, {
    functionName: system.functionRole(handler),
    qualifier: '$LATEST',
    maximumRetryAttempts: RETRIES,
    maximumEventAgeInSeconds: oldestSeconds,
    destinationConfig: { onFailure: { destination: deadLetterQueueArn(system) } },
  }).node.addDependency(made);
}
