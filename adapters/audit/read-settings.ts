/** SettingsReader on S3 and KMS of one region. What a role may not read is an error, never a setting. */
import {
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  DescribeKeyCommand,
  KMSServiceException,
  type KMSClient,
} from '@aws-sdk/client-kms';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  S3ServiceException,
  type LifecycleRule as S3Rule,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LifecycleRule, PolicyDocument } from '../../core/audit/expectation.ts';
import type { ObservedBucket, ObservedKey, SettingsReader } from '../../core/audit/observation.ts';
import { parseJson } from '../../core/parse-json.ts';
import { storeError } from '../s3/errors.ts';

const PUBLIC_ACCESS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

export function settingsReader(s3: S3Client, kms: KMSClient): SettingsReader {
  /** Undefined for a setting that was never made, which S3 answers as an error of its own. */
  async function ask<T>(bucket: string, what: string, call: Promise<T>, absent: string): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === absent) return undefined;
      if (error instanceof S3ServiceException && error.name === 'NoSuchBucket') throw new NoSuchBucket();
      throw storeError(error, `read ${what} of s3://${bucket}`);
    }
  }

  async function readBucket(Bucket: string): Promise<ObservedBucket> {
    const [versioning, lock, encryption, publicAccess, ownership, lifecycle, policy] = await Promise.all([
      ask(Bucket, 'the versioning', s3.send(new GetBucketVersioningCommand({ Bucket })), ''),
      ask(Bucket, 'the Object Lock', s3.send(new GetObjectLockConfigurationCommand({ Bucket })), 'ObjectLockConfigurationNotFoundError'),
      ask(Bucket, 'the encryption', s3.send(new GetBucketEncryptionCommand({ Bucket })), 'ServerSideEncryptionConfigurationNotFoundError'),
      ask(Bucket, 'the public access block', s3.send(new GetPublicAccessBlockCommand({ Bucket })), 'NoSuchPublicAccessBlockConfiguration'),
      ask(Bucket, 'the ownership', s3.send(new GetBucketOwnershipControlsCommand({ Bucket })), 'OwnershipControlsNotFoundError'),
      ask(Bucket, 'the lifecycle', s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })), 'NoSuchLifecycleConfiguration'),
      ask(Bucket, 'the policy', s3.send(new GetBucketPolicyCommand({ Bucket })), 'NoSuchBucketPolicy'),
    ]);
    const locked = lock?.ObjectLockConfiguration;
    const retention = locked?.Rule?.DefaultRetention;
    const byDefault = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    return {
      versioning: versioning?.Status === 'Enabled' ? 'enabled' : versioning?.Status === 'Suspended' ? 'suspended' : 'off',
      objectLock:
        locked?.ObjectLockEnabled === 'Enabled'
          ? {
              defaultLock: retention?.Mode && {
                mode: retention.Mode === 'COMPLIANCE' ? 'compliance' : 'governance',
                days: retention.Days ?? 365 * (retention.Years ?? 0),
              },
            }
          : undefined,
      encryption: { algorithm: byDefault?.SSEAlgorithm ?? 'AES256', keyArn: byDefault?.KMSMasterKeyID },
      openToThePublic: PUBLIC_ACCESS.filter((setting) => publicAccess?.PublicAccessBlockConfiguration?.[setting] !== true),
      isOwnerEnforced: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership === 'BucketOwnerEnforced',
      lifecycle: (lifecycle?.Rules ?? []).map(normalRule),
      policy: policy?.Policy === undefined ? undefined : parsePolicy(policy.Policy),
    };
  }

  async function readKey(KeyId: string): Promise<ObservedKey | undefined> {
    const key = await kms.send(new DescribeKeyCommand({ KeyId })).catch((error: unknown) => {
      if (error instanceof KMSServiceException && error.name === 'NotFoundException') return undefined;
      throw error;
    });
    const described = key?.KeyMetadata;
    if (!described?.Arn) return undefined;
    const { Arn: keyArn, KeyState: state = 'unknown', DeletionDate: deletionAt, KeySpec } = described;
    const isSymmetric = KeySpec === 'SYMMETRIC_DEFAULT';
    const [policy, rotation] = await Promise.all([
      kms.send(new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default' })),
      isSymmetric && state === 'Enabled' ? kms.send(new GetKeyRotationStatusCommand({ KeyId: keyArn })) : undefined,
    ]);
    return {
      keyArn,
      state,
      deletionAt,
      rotates: rotation?.KeyRotationEnabled === true,
      policy: policy.Policy === undefined ? undefined : parsePolicy(policy.Policy),
    };
  }

  return {
    async bucket(name) {
      try {
        return await readBucket(name);
      } catch (error) {
        if (error instanceof NoSuchBucket) return undefined;
        throw error;
      }
    },
    key: readKey,
  };
}

class NoSuchBucket extends Error {}

/** Of what cannot be read no statement is the expected one: each of those is told as gone. */
const parsePolicy = (text: string): PolicyDocument => {
  const policy = parseJson(Buffer.from(text));
  // Others may write statements without a name.
  const statements = (policy as { Statement?: unknown } | undefined)?.Statement;
  const named = (Array.isArray(statements) ? statements : [statements]).map((statement: unknown) => ({
    Sid: '(without a name)',
    ...(statement as object),
  }));
  return PolicyDocument.parse({ ...(policy as object), Statement: named });
};

/** What a rule is about, flat, however S3 says it: as a filter, as several of one, or in the old form. */
function normalRule({ ID = '(without a name)', Filter = {}, Prefix, ...rest }: S3Rule): LifecycleRule {
  const { And, Tag, Prefix: filtered, ...sizes } = Filter;
  const { Prefix: among, Tags = [], ...others } = And ?? {};
  const prefix = filtered ?? among ?? Prefix ?? '';
  const tags = [...Tags, ...(Tag ? [Tag] : [])].map(({ Key, Value }) => ({ Key, Value }));
  // A least size of nothing is none.
  const limits = Object.fromEntries(Object.entries({ ...sizes, ...others }).filter(([, bytes]) => bytes !== undefined && bytes !== 0));
  return LifecycleRule.parse({
    ID,
    ...rest,
    ...(prefix === '' ? {} : { Prefix: prefix }),
    ...(tags.length === 0 ? {} : { Tags: tags }),
    ...limits,
  });
}
