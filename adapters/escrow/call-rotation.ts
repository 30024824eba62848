import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { RotationFailed } from '../../core/escrow/errors.ts';
import type { RotationEvent } from '../../core/escrow/contract.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** The longest that Lambda lets a function run. */
const LONGEST_MILLISECONDS = 15 * 60_000;

/** Called once: Secrets Manager itself tries a rotation again, and a second call beside a slow first one would be a second rotation. */
export function callRotation(settings: AwsSettings) {
  const requestHandler = { connectionTimeout: 5_000, socketTimeout: LONGEST_MILLISECONDS };
  const client = new LambdaClient({ ...clientConfig(settings), maxAttempts: 1, requestHandler });
  return async (functionArn: string, event: RotationEvent): Promise<void> => {
    const Payload = Buffer.from(JSON.stringify(event));
    const { FunctionError } = await client.send(new InvokeCommand({ FunctionName: functionArn, Payload })).catch((error: unknown) => {
      throw new RotationFailed(functionArn, event.Step, error instanceof Error ? error.name : 'UnknownError', { cause: error });
    });
    // What it answers may quote a value: its own log has it.
    if (FunctionError !== undefined) throw new RotationFailed(functionArn, event.Step, FunctionError);
  };
}
