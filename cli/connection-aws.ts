import { stepFunctionsExecutions } from '../adapters/step-functions/executions.ts';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig } from '../adapters/aws/settings.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { Connection } from './connection.ts';
import { AwsUnreachable } from './errors.ts';
import type { Frame } from './frame.ts';
import { translated } from './machines/aws-errors.ts';
import { awsCalls } from './signed-calls/aws.ts';
import { stepFunctionsMachines } from './machines/step-functions.ts';

/**
 * The system as it is deployed on AWS, with the credentials of the shell or of `profile`. The account is the plan's; where the plan
 * names none it is the credentials' own.
 */
export async function connectToAws(plan: ProtectionPlan, frame: Frame, profile: string | undefined): Promise<Connection> {
  // The SDK's clients look for the profile in the environment, each when it is made.
  if (profile !== undefined) frame.environment['AWS_PROFILE'] = profile;
  const { home, replica } = plan;
  const { region } = home;
  const settings = (of: string) => ({ region: of });
  const account = home.account ?? (await ownAccount([region, replica.region]));
  const replicaAccount = replica.account ?? account;
  return {
    where: `account ${account}, ${region}`,
    account,
    settings,
    machines: stepFunctionsMachines({ system: plan.system, side: 'vault', account, region, settings: settings(region) }),
    recovery: {
      where: `account ${replicaAccount}, ${replica.region}`,
      machines: stepFunctionsMachines({
        system: plan.system,
        side: 'replica',
        account: replicaAccount,
        region: replica.region,
        settings: settings(replica.region),
      }),
    },
    executions: (place) => stepFunctionsExecutions(settings(place === 'vault' ? region : replica.region)),
    call: awsCalls(plan, account, settings),
    close: () => Promise.resolve(),
  };
}

/** @param regions asked one after the other: the first of them may be gone */
async function ownAccount([region = '', ...others]: readonly string[]): Promise<string> {
  const client = new STSClient(clientConfig({ region }));
  try {
    const identity = await translated('Asking AWS whose credentials these are', region, () =>
      client.send(new GetCallerIdentityCommand({})),
    );
    return identity.Account ?? '';
  } catch (error) {
    if (!(error instanceof AwsUnreachable) || others.length === 0) throw error;
    return ownAccount(others);
  }
}
