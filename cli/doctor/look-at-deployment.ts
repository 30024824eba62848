import { GetBucketPolicyCommand, GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { escrowBucketName, replicaBucketName, vaultBucketName } from '../../core/names.ts';
import type { Finding } from '../../core/plan/finding.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import { look, type Part } from './look.ts';
import { lookAtKeys } from './look-at-keys.ts';
import { lookAtMachines } from './look-at-machines.ts';
import { lookAtTrails } from './look-at-trail.ts';

/** Machines and buckets of the plan, by their computed names: whether they are there, and still as they have to be. */
export async function lookAtDeployment(
  plan: ProtectionPlan,
  connection: Connection,
  environment: Record<string, string | undefined>,
): Promise<Part[]> {
  const { system, home, replica } = plan;
  const account = (of: { account?: string | undefined }) => of.account ?? connection.account;
  const at = (of: typeof home) => ({ system, account: account(of), region: of.region });
  const buckets: [what: string, bucket: string, region: string][] = [
    ['vault', vaultBucketName(at(home)), home.region],
    ['replica vault', replicaBucketName(at(replica)), replica.region],
    ['escrow', escrowBucketName(at(home)), home.region],
    ['escrow of the second region', escrowBucketName(at(replica)), replica.region],
  ];
  const parts = await lookAtMachines(plan, connection);
  for (const [what, bucket, region] of buckets)
    parts.push(
      await look(what, `s3://${bucket}`, () =>
        translated(`Looking at s3://${bucket}`, connection.where, () =>
          judgeBucket(bucket, openBucket(bucket, connection.settings(region), environment).client),
        ),
      ),
    );
  return [...parts, ...(await lookAtKeys(plan, connection)), ...(await lookAtTrails(plan, connection))];
}

async function judgeBucket(bucket: string, client: ReturnType<typeof openBucket>['client']): Promise<Finding[]> {
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  const { ObjectLockConfiguration } = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
  const hasPolicy = await client.send(new GetBucketPolicyCommand({ Bucket: bucket })).then(
    () => true,
    (failure: unknown) => {
      if (failure instanceof Error && failure.name === 'NoSuchBucketPolicy') return false;
      throw failure;
    },
  );
  const error = (path: string, value: string, problem: string, fix: string): Finding => ({ severity: 'error', path, value, problem, fix });
  return [
    ...(hasPolicy
      ? []
      : [
          error(
            'bucket policy',
            'none',
            'Whoever the account lets may write over records, delete, and bypass locks',
            'Deploy again: the stack sets the policy; and find out who took it away. `npx holdfast audit` compares its statements',
          ),
        ]),
    ...(Status === 'Enabled'
      ? []
      : [
          error(
            'versioning',
            Status ?? 'off',
            'Without versions a lock protects nothing',
            'Turn versioning on again, and find out who turned it off',
          ),
        ]),
    ...(ObjectLockConfiguration?.Rule?.DefaultRetention === undefined
      ? [
          error(
            'default retention',
            'none',
            'Bytes are not protected from their first second',
            'Deploy again: the stack sets the default retention',
          ),
        ]
      : []),
  ];
}
