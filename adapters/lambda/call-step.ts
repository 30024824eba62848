import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { parseJson } from '../../core/parse-json.ts';
import { StepUnusable } from '../../core/quiesce/errors.ts';
import type { CallFunction } from '../../core/quiesce/ports.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** The function is asked again whether it is done; no call has to last that long. */
const CALL_MILLISECONDS = 100_000;
const Answer = z.object({ state: z.enum(['running', 'stopped', 'changing']) });

export function callStep(settings: AwsSettings): CallFunction {
  const requestHandler = { connectionTimeout: 5_000, socketTimeout: CALL_MILLISECONDS };
  const client = new LambdaClient({ ...clientConfig(settings), requestHandler });
  return async (arn, action, run) => {
    const name = arn.split(':').at(-1) ?? '';
    const answer = await client.send(new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(JSON.stringify({ action, run })) }));
    // What it says in an error may be anything: its own log has it.
    if (answer.FunctionError !== undefined) throw new StepUnusable(`The function ${name} failed at ${action} (${answer.FunctionError})`);
    const parsed = Answer.safeParse(parseJson(answer.Payload ?? ''));
    if (!parsed.success)
      throw new StepUnusable(`The function ${name} did not answer ${action} with a state of stopped, running or changing`);
    return parsed.data.state;
  };
}
