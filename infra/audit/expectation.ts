/**
 * What the audit holds a region to: read off the very constructs of the vault's stack, when everything is synthesized, so that there
 * is no second definition of a bucket or a key that could differ from what is deployed.
 */
import { Aws, Lazy, type IResolvable, type Stack } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { z } from 'zod';
import { Expectation, VAULT_KEY_PLACEHOLDER, type ExpectedBucket, type ExpectedKey } from '../../core/audit/expectation.ts';
import { asS3Says, Rule } from './lifecycle-rules.ts';
import { bucketArn, type Site } from '../system.ts';

/** @param vaultStack of the same account and region as what audits it */
export const expectationOf = (vaultStack: Stack, site: Site): IResolvable => Lazy.any({ produce: () => readExpectation(vaultStack, site) });

function readExpectation(stack: Stack, site: Site): Expectation {
  const all = stack.node.findAll();
  const policies = all.filter((construct): construct is CfnBucketPolicy => construct instanceof CfnBucketPolicy);
  const keys = all.filter((construct): construct is CfnKey => construct instanceof CfnKey);
  const buckets = all.filter((construct): construct is CfnBucket => construct instanceof CfnBucket);
  const names: Record<string, string> = {
    ...Object.fromEntries(keys.map((key) => [logicalId(stack, key), VAULT_KEY_PLACEHOLDER])),
    ...Object.fromEntries(buckets.map((bucket) => [logicalId(stack, bucket), bucketArn(site, bucket.bucketName ?? '')])),
  };
  const plain = (document: unknown) => withNames(stack.resolve(document), names);
  return Expectation.parse({
    buckets: buckets.map((bucket): ExpectedBucket => {
      const policy = policies.find((one) => stack.resolve(one.bucket).Ref === logicalId(stack, bucket));
      if (!policy) throw new Error(`${bucket.node.path} has no policy, and is audited for one`);
      return readBucket(stack, bucket, plain(policy.policyDocument) as ExpectedBucket['policy']);
    }),
    keys: all.flatMap((alias) => (alias instanceof CfnAlias ? [readKey(stack, alias, keys, plain)] : [])),
  });
}

const logicalId = (stack: Stack, element: CfnBucket | CfnKey) => String(stack.resolve(element.logicalId));

/** Strict: what nobody compares would be missing without a word. */
const Bucket = z.object({
  objectLockConfiguration: z.object({
    rule: z.object({ defaultRetention: z.strictObject({ mode: z.enum(['GOVERNANCE', 'COMPLIANCE']), days: z.int() }) }),
  }),
  bucketEncryption: z.object({
    serverSideEncryptionConfiguration: z.tuple([
      z.object({ serverSideEncryptionByDefault: z.object({ sseAlgorithm: z.enum(['AES256', 'aws:kms']) }) }),
    ]),
  }),
  lifecycleConfiguration: z.object({ rules: z.array(Rule) }),
});

function readBucket(stack: Stack, bucket: CfnBucket, policy: ExpectedBucket['policy']): ExpectedBucket {
  const { objectLockConfiguration, bucketEncryption, lifecycleConfiguration } = Bucket.parse(
    stack.resolve({
      objectLockConfiguration: bucket.objectLockConfiguration,
      bucketEncryption: bucket.bucketEncryption,
      lifecycleConfiguration: bucket.lifecycleConfiguration,
    }),
  );
  const { mode, days } = objectLockConfiguration.rule.defaultRetention;
  const [encryption] = bucketEncryption.serverSideEncryptionConfiguration;
  return {
    bucket: String(bucket.bucketName),
    stack: stack.stackName,
    defaultLock: { mode: mode === 'COMPLIANCE' ? 'compliance' : 'governance', days },
    encryption: encryption.serverSideEncryptionByDefault.sseAlgorithm === 'AES256' ? 's3' : 'vault-key',
    lifecycle: lifecycleConfiguration.rules.map(asS3Says),
    policy,
  };
}

function readKey(stack: Stack, alias: CfnAlias, keys: readonly CfnKey[], plain: (document: unknown) => unknown): ExpectedKey {
  const target = stack.resolve(alias.targetKeyId) as { 'Fn::GetAtt'?: [string, string] };
  const key = keys.find((one) => logicalId(stack, one) === target['Fn::GetAtt']?.[0]);
  const purpose = alias.aliasName.split('/').at(-1) as ExpectedKey['purpose'];
  return {
    alias: alias.aliasName,
    purpose,
    stack: stack.stackName,
    rotates: key?.enableKeyRotation === true,
    ...(key && { policy: plain(key.keyPolicy) as NonNullable<ExpectedKey['policy']> }),
  };
}

/** References of the vault's stack, in words that hold in another stack of the same account. */
function withNames(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => withNames(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  if (node.Ref === 'AWS::AccountId') return Aws.ACCOUNT_ID;
  if (node['Fn::GetAtt']) return names[node['Fn::GetAtt'][0]] ?? refuse(value);
  if (node['Fn::Join']) return node['Fn::Join'][1].map((part) => String(withNames(part, names))).join(node['Fn::Join'][0]);
  if (node.Ref !== undefined) return refuse(value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withNames(field, names)]));
}

const refuse = (value: unknown): never => {
  throw new Error(`The audit cannot say what ${JSON.stringify(value)} is in another stack`);
};
