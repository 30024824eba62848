/** Functions that people call over HTTPS, each call signed: Lambda checks who it is, and hands the function the answer. */
import { CfnUrl } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { makeFunction, pascal, type FunctionProps } from '../function.ts';
import type { HandlerPath } from '../handlers.ts';
import type { Statement } from '../policy.ts';
import type { System } from '../system.ts';

/** The function has no policy of its own, so that it is for this account's roles alone, and for those that are granted it. */
export function makeSignedFunction<H extends HandlerPath>(stack: Construct, props: FunctionProps<H>): void {
  const made = makeFunction(stack, props);
  new CfnUrl(stack, `${pascal(props.handler)}Url`, { authType: 'AWS_IAM', targetFunctionArn: made.attrArn });
}

/**
 * A call by a URL takes both rights since October 2025. The second is for calls by the URL alone: whoever could invoke the function
 * itself could tell it any name.
 */
export function callByUrl(system: System, handlers: readonly HandlerPath[]): Statement[] {
  const resources = handlers.map(system.functionArn);
  return [
    {
      sid: 'CallByUrl',
      actions: ['lambda:InvokeFunctionUrl'],
      resources,
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      sid: 'CallByUrlAlone',
      actions: ['lambda:InvokeFunction'],
      resources,
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    },
    { sid: 'FindUrls', actions: ['lambda:GetFunctionUrlConfig'], resources },
  ];
}
