import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import type { Executions } from '../../core/ports/executions.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** Executions of Standard machines: forgotten 90 days after their end. */
export function stepFunctionsExecutions(settings: AwsSettings): Executions {
  const client = new SFNClient(clientConfig(settings));
  return {
    async stateOf(executionArn) {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        // PENDING_REDRIVE: it is about to run again, and holds what it held.
        if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
        return status === 'SUCCEEDED' ? 'succeeded' : 'failed';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return 'unknown';
        throw error;
      }
    },
  };
}
