import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { makeRole } from '../policy.ts';
import { arn, bucketArn, roleArn, type Site, type System } from '../system.ts';

/**
 * The one role that the key policies let end a key or change a policy, and that reads every byte: for the day on which the pipeline
 * is gone. It is assumed with a second factor, and never by Holdfast.
 */
export function makeBreakGlass(stack: Construct, system: System, site: Site): void {
  const buckets = [
    { name: system.vaultBucket, site: system.home },
    { name: system.escrowBucket, site: system.home },
    { name: system.replicaBucket, site: system.replica },
    { name: system.replicaEscrowBucket, site: system.replica },
  ].filter((bucket) => bucket.site.account === site.account);
  const regions = [...new Set(buckets.map((bucket) => bucket.site.region))].map((region) => ({ ...site, region }));
  const roleName = system.humanRole('break-glass');
  makeRole(stack, 'BreakGlass', {
    roleName,
    description: `Holdfast ${system.name}: reads everything and changes key policies, in an emergency`,
    trust: {
      accounts: [`arn:${site.partition}:iam::${site.account}:root`],
      conditions: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
    statements: [
      {
        sid: 'ReadEveryVersion',
        actions: [
          's3:GetObject',
          's3:GetObjectVersion',
          's3:GetObjectRetention',
          's3:ListBucket',
          's3:ListBucketVersions',
          's3:GetBucketPolicy',
          's3:GetBucketVersioning',
          's3:GetBucketObjectLockConfiguration',
        ],
        resources: buckets.flatMap((bucket) => [bucketArn(bucket.site, bucket.name), `${bucketArn(bucket.site, bucket.name)}/*`]),
        why: 'An emergency restore by hand needs any object of the system’s own buckets.',
      },
      {
        sid: 'UseAndRescueKeys',
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:GetKeyPolicy',
          'kms:PutKeyPolicy',
          'kms:EnableKey',
          'kms:DisableKey',
          'kms:ScheduleKeyDeletion',
          'kms:CancelKeyDeletion',
          'kms:GetPublicKey',
          'kms:Verify',
        ],
        resources: regions.map((region) => arn(region, 'kms', 'key/*')),
        conditions: {
          'ForAnyValue:StringEquals': {
            'kms:ResourceAliases': (['vault', 'escrow', 'fingerprint', 'evidence'] as const).map(system.keyAlias),
          },
        },
        why: 'The keys are named by their aliases, in the condition.',
      },
    ],
  });
  new CfnOutput(stack, 'BreakGlassRole', { value: roleArn(site, roleName), description: 'For emergencies: alarm on every use' });
}
