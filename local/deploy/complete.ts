/**
 * The one visible step after a deployment into the emulator: its CloudFormation drops parts of the templates, which are set here by
 * API, as the templates say them. Its scheduler would start machines in its own engine, so the schedules are held.
 */
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
import { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { placeIn, rootSettings, type LocalPlace } from '../run/place.ts';
import { completeTaskDefinition } from './complete-tasks.ts';
import { readResources, type TemplateResource } from './templates.ts';

/** Strict: a field that nobody sets here would be missing without a word. */
const Bucket = z.object({
  BucketName: z.string(),
  ObjectLockConfiguration: z.strictObject({
    ObjectLockEnabled: z.literal('Enabled'),
    Rule: z.strictObject({ DefaultRetention: z.strictObject({ Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']), Days: z.int() }) }),
  }),
  BucketEncryption: z.strictObject({
    ServerSideEncryptionConfiguration: z.tuple([
      z.strictObject({
        BucketKeyEnabled: z.boolean().optional(),
        ServerSideEncryptionByDefault: z.strictObject({
          SSEAlgorithm: z.enum(['AES256', 'aws:kms']),
          KMSMasterKeyID: z.union([z.string(), z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })]).optional(),
        }),
      }),
    ]),
  }),
  LifecycleConfiguration: z.strictObject({
    Rules: z.array(
      z.strictObject({
        Id: z.string(),
        Status: z.enum(['Enabled', 'Disabled']),
        Prefix: z.string().optional(),
        TagFilters: z.tuple([z.strictObject({ Key: z.string(), Value: z.string() })]).optional(),
        AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.int() }).optional(),
        ExpirationInDays: z.int().optional(),
        NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: z.int() }).optional(),
        Transitions: z
          .array(
            z.strictObject({ StorageClass: z.enum(['STANDARD_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE']), TransitionInDays: z.int() }),
          )
          .optional(),
      }),
    ),
  }),
});
const Schedule = z.object({ Name: z.string(), GroupName: z.string() });

export type Deployment = { place: LocalPlace; plan: ProtectionPlan; output: string };

/** Answers with what was set, a line each. */
export async function completeDeployment({ place, output }: Deployment): Promise<string[]> {
  const lines: string[] = [];
  const resources = readResources(output);
  const at = ({ account }: TemplateResource) => placeIn(place, account);
  for (const resource of resources.filter(({ type }) => type === 'AWS::S3::Bucket'))
    lines.push(await completeBucket(resource, at(resource)));
  const families: string[] = [];
  for (const resource of resources.filter(({ type }) => type === 'AWS::ECS::TaskDefinition'))
    families.push(await completeTaskDefinition(resource, at(resource)));
  if (families.length > 0) lines.push(`${families.join(', ')}: volumes, init process, capabilities, storage`);
  const schedules = resources.filter(({ type }) => type === 'AWS::Scheduler::Schedule');
  for (const schedule of schedules) await holdSchedule(schedule, at(schedule));
  if (schedules.length > 0)
    lines.push(`${schedules.length} schedules: held, since the emulator would start machines in an engine of its own`);
  return lines;
}

async function completeBucket(resource: TemplateResource, place: LocalPlace): Promise<string> {
  const bucket = Bucket.parse(resource.properties);
  const s3 = new S3Client({ ...clientConfig(rootSettings(place, resource.region)), forcePathStyle: true });
  const [{ ServerSideEncryptionByDefault: encryption, BucketKeyEnabled }] = bucket.BucketEncryption.ServerSideEncryptionConfiguration;
  const key = encryption.KMSMasterKeyID;
  const keyId = typeof key === 'object' ? await physicalId(resource, key['Fn::GetAtt'][0], place) : key;
  const { Mode, Days } = bucket.ObjectLockConfiguration.Rule.DefaultRetention;
  try {
    await s3.send(
      new PutObjectLockConfigurationCommand({ Bucket: bucket.BucketName, ObjectLockConfiguration: bucket.ObjectLockConfiguration }),
    );
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: bucket.BucketName,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption.SSEAlgorithm, ...(keyId && { KMSMasterKeyID: keyId }) },
              BucketKeyEnabled,
            },
          ],
        },
      }),
    );
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket.BucketName,
        LifecycleConfiguration: {
          Rules: bucket.LifecycleConfiguration.Rules.map(({ Id, Prefix = '', TagFilters, ExpirationInDays, Transitions, ...rule }) => ({
            ...rule,
            ID: Id,
            Filter: TagFilters ? { And: { Prefix, Tags: TagFilters } } : { Prefix },
            ...(ExpirationInDays === undefined ? {} : { Expiration: { Days: ExpirationInDays } }),
            ...(Transitions
              ? { Transitions: Transitions.map(({ TransitionInDays: Days, StorageClass }) => ({ Days, StorageClass })) }
              : {}),
          })),
        },
      }),
    );
  } finally {
    s3.destroy();
  }
  return `${bucket.BucketName}: default retention ${Mode.toLowerCase()} ${Days} days, encryption ${encryption.SSEAlgorithm}, end of unfinished uploads`;
}

async function physicalId(resource: TemplateResource, logicalId: string, place: LocalPlace): Promise<string> {
  const cloudFormation = new CloudFormationClient(clientConfig(rootSettings(place, resource.region)));
  try {
    const { StackResourceDetail } = await cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: resource.stack, LogicalResourceId: logicalId }),
    );
    const id = StackResourceDetail?.PhysicalResourceId;
    if (!id) throw new TypeError(`The stack ${resource.stack} has no resource ${logicalId}`);
    return id.startsWith('arn:') ? id : `arn:aws:kms:${resource.region}:${place.accountId}:key/${id}`;
  } finally {
    cloudFormation.destroy();
  }
}

async function holdSchedule(resource: TemplateResource, place: LocalPlace): Promise<void> {
  const { Name, GroupName } = Schedule.parse(resource.properties);
  const scheduler = new SchedulerClient(clientConfig(rootSettings(place, resource.region)));
  try {
    const { Target, FlexibleTimeWindow, ScheduleExpression, ScheduleExpressionTimezone, Description } = await scheduler.send(
      new GetScheduleCommand({ Name, GroupName }),
    );
    await scheduler.send(
      new UpdateScheduleCommand({
        Name,
        GroupName,
        Target,
        FlexibleTimeWindow,
        ScheduleExpression,
        ScheduleExpressionTimezone,
        Description,
        State: 'DISABLED',
      }),
    );
  } finally {
    scheduler.destroy();
  }
}
