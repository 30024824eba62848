import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig, type AwsSettings } from '../../adapters/aws/settings.ts';
import { rootSettings } from './servers.ts';

type Statement = { Action: string | string[]; Resource: string | string[] };

/** A role of the emulator that may do just this, and credentials of it. */
export async function makeRole(name: string, allowed: readonly Statement[]): Promise<NonNullable<AwsSettings['credentials']>> {
  const [iam, sts] = [new IAMClient(clientConfig(rootSettings())), new STSClient(clientConfig(rootSettings()))];
  const document = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document([trust]) }));
  const Statement = allowed.map((statement) => ({ Effect: 'Allow', ...statement }));
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: document(Statement) }));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'test' }));
  iam.destroy();
  sts.destroy();
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
