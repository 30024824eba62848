/**
 * Whether a deployed role is granted an action, by its own inline policies. The emulator gives nobody the credentials of a role whose
 * trust has conditions, as those of the machines have, so that what such a role does is compared with its policies here.
 */
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { rootSettings, type LocalPlace } from './place.ts';

export type IsGranted = (roleArn: string, action: string, resource: string) => Promise<boolean>;

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => (Array.isArray(value) ? value : [value]));
const Policy = z.object({
  Statement: z.array(z.object({ Effect: z.enum(['Allow', 'Deny']), Action: texts, Resource: texts, Condition: z.unknown().optional() })),
});

/** What is under a condition counts for none: nothing here knows whether it is met. */
export function grantReader(place: LocalPlace): IsGranted {
  const iam = new IAMClient(clientConfig(rootSettings(place)));
  return async (roleArn, action, resource) => {
    const RoleName = roleArn.split('/').at(-1) ?? '';
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const statements = await Promise.all(
      PolicyNames.map(async (PolicyName) => {
        const { PolicyDocument = '{}' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        return Policy.parse(JSON.parse(decodeURIComponent(PolicyDocument))).Statement;
      }),
    );
    const about = statements
      .flat()
      .filter((one) => one.Action.some((pattern) => isLike(pattern, action)) && one.Resource.some((pattern) => isLike(pattern, resource)));
    return about.some((one) => one.Effect === 'Allow' && one.Condition === undefined) && about.every((one) => one.Effect === 'Allow');
  };
}

/** `*` and `?`, as IAM reads them. */
const isLike = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text);
