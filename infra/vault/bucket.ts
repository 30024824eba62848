import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { policyDocument } from '../policy.ts';
import { bucketStatements, type BucketRules } from './bucket-policy.ts';

export type BucketProps = Omit<BucketRules, 'bucket'> & {
  name: string;
  defaultLock: { mode: 'governance' | 'compliance'; days: number };
  lifecycle: CfnBucket.RuleProperty[];
  /** Whether EventBridge hears of every object that is made. */
  sendsEvents?: boolean;
};

/** A versioned, locked, private bucket with its policy. Logical ids: `id` and `<id>Policy`. */
export function makeBucket(stack: Construct, id: string, props: BucketProps): CfnBucket {
  const bucket = new CfnBucket(stack, id, {
    bucketName: props.name,
    versioningConfiguration: { status: 'Enabled' },
    objectLockEnabled: true,
    objectLockConfiguration: {
      objectLockEnabled: 'Enabled',
      rule: { defaultRetention: { mode: props.defaultLock.mode.toUpperCase(), days: props.defaultLock.days } },
    },
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        props.keyArn === undefined
          ? { serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : { bucketKeyEnabled: true, serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.keyArn } },
      ],
    },
    publicAccessBlockConfiguration: { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    ...(props.sendsEvents ? { notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: true } } } : {}),
    lifecycleConfiguration: { rules: props.lifecycle },
  });
  bucket.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const policy = new CfnBucketPolicy(stack, `${id}Policy`, {
    bucket: bucket.ref,
    policyDocument: policyDocument(bucketStatements({ ...props, bucket: bucket.attrArn })),
  });
  policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Server access logs are delivered without a guarantee and need a bucket that cannot be locked the same way. Who read or tried to write what belongs into the trail of data events of the account; docs/threat-model.md says how to switch it on.',
  });
  return bucket;
}
