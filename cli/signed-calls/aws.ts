import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig, type AwsSettings } from '../../adapters/aws/settings.ts';
import { signRequest } from '../../adapters/aws/sign-request.ts';
import { functionName } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { translated } from '../machines/aws-errors.ts';
import { readAnswer, type SignedCalls } from '../signed-calls.ts';

/** Under the credentials of the shell, whose role and session say who calls. */
export function awsCalls(plan: ProtectionPlan, account: string, settings: (region: string) => AwsSettings): SignedCalls {
  return async ({ place, handler, body }) => {
    const { region, account: own } = place === 'vault' ? plan.home : plan.replica;
    const name = functionName(plan.system, handler, place);
    const where = `account ${own ?? account}, ${region}`;
    const text = JSON.stringify(body);
    return translated(`Calling the function ${name}`, where, async () => {
      const lambda = new LambdaClient(clientConfig(settings(region)));
      const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
      const request = { method: 'POST', url: new URL(FunctionUrl), headers: { 'content-type': 'application/json' }, body: text };
      const headers = await signRequest(settings(region), 'lambda', request);
      const answer = await fetch(request.url, { method: request.method, headers, body: text });
      return readAnswer(answer.status, await answer.text(), name);
    });
  };
}
