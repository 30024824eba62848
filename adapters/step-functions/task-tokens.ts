import { InvalidToken, SendTaskSuccessCommand, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import type { TaskTokens } from '../../core/ports/task-tokens.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

export function stepFunctionsTokens(settings: AwsSettings): TaskTokens {
  const client = new SFNClient(clientConfig(settings));
  return {
    async succeed(token, output) {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) }));
        return 'taken';
      } catch (error) {
        if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) return 'gone';
        throw error;
      }
    },
  };
}
