/**
 * People of this machine. The roles that a plan names are an organization's own, and none of them is deployed: here one of that name is
 * made, which may do nothing but assume the role of the system. The session has the person's name in both.
 */
import { CreateRoleCommand, EntityAlreadyExistsException, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { rootSettings, type Credentials, type LocalPlace } from './place.ts';
import { roleAssumer } from './roles.ts';

/** @param wish.through role of the organization; `role`: the deployed one */
export async function becomePerson(
  place: LocalPlace,
  { through, role, person }: { through: string; role: string; person: string },
): Promise<Credentials> {
  const iam = new IAMClient(clientConfig(rootSettings(place)));
  const arn = (name: string) => `arn:aws:iam::${place.accountId}:role/${name}`;
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${place.accountId}:root` } };
  try {
    await iam.send(
      new CreateRoleCommand({ RoleName: through, AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }) }),
    );
  } catch (error) {
    if (!(error instanceof EntityAlreadyExistsException)) throw error;
  }
  const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arn(role) };
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: through,
      PolicyName: role,
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [may] }),
    }),
  );
  iam.destroy();
  const own = await roleAssumer(place)(arn(through), person);
  return roleAssumer(place, own)(arn(role), person);
}
