/** Each setting of a bucket and a key is changed, and exactly that is found. */
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingsReader } from '../../../adapters/audit/read-settings.ts';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { readUsed, type UsedNames } from '../../../adapters/kms/used-keys.ts';
import { explainFinding } from '../../../core/audit/explain-finding.ts';
import { VAULT_KEY_PLACEHOLDER, type Expectation } from '../../../core/audit/expectation.ts';
import { checkSettings } from '../../../functions/audit/check-settings.ts';
import { asS3Says } from '../../../infra/audit/lifecycle-rules.ts';
import { rootSettings } from '../../helpers/servers.ts';
import { HOME } from '../vault-world.ts';
import { makeAuditWorld, RUN, type AuditWorld } from './audit-world.ts';

const RULES = [
  { id: 'EndUnfinishedUploads', status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 3 } },
  { id: 'Expire', status: 'Enabled', prefix: 'retention/x/', expirationInDays: 90, noncurrentVersionExpiration: { noncurrentDays: 1 } },
  {
    id: 'Move',
    status: 'Enabled',
    prefix: 'data/x/',
    tagFilters: [{ key: 'cold', value: 'glacier-ir' }],
    transitions: [{ storageClass: 'GLACIER_IR', transitionInDays: 1 }],
  },
];
const S3_RULES = [
  { ID: 'EndUnfinishedUploads', Status: 'Enabled', Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } },
  {
    ID: 'Expire',
    Status: 'Enabled',
    Filter: { Prefix: 'retention/x/' },
    Expiration: { Days: 90 },
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  },
  {
    ID: 'Move',
    Status: 'Enabled',
    Filter: { And: { Prefix: 'data/x/', Tags: [{ Key: 'cold', Value: 'glacier-ir' }] } },
    Transitions: [{ Days: 1, StorageClass: 'GLACIER_IR' }],
  },
] as const;

describe('what the audit finds of buckets and keys', () => {
  let world: AuditWorld;
  let Bucket: string;
  let expected: Expectation;
  let policy: Expectation['buckets'][number]['policy'];
  let keyPolicy: Expectation['buckets'][number]['policy'];
  let kms: KMSClient;
  const stack = 'holdfast-x-vault';
  const s3Policy = (keyArn: string) => JSON.stringify(policy).replaceAll(VAULT_KEY_PLACEHOLDER, keyArn);
  const putLock = (rule: object | undefined) =>
    world.home.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...(rule && { Rule: rule }) },
      }),
    );
  const putEncryption = (to: { SSEAlgorithm: 'aws:kms' | 'AES256'; KMSMasterKeyID?: string }) =>
    world.home.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: to }] },
      }),
    );
  const putRules = (rules: readonly object[]) =>
    world.home.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: rules as never } }));
  const putPublicAccess = (BlockPublicPolicy: boolean) =>
    world.home.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy, RestrictPublicBuckets: true },
      }),
    );

  const restore = async () => {
    await world.home.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await putLock({ DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } });
    await putEncryption({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: world.keyArn });
    await putPublicAccess(true);
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
    await world.home.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    await putRules(S3_RULES);
    await world.home.send(new PutBucketPolicyCommand({ Bucket, Policy: s3Policy(world.keyArn) }));
    await kms.send(new EnableKeyCommand({ KeyId: world.keyId }));
    await kms.send(new PutKeyPolicyCommand({ KeyId: world.keyId, PolicyName: 'default', Policy: JSON.stringify(keyPolicy) }));
  };

  beforeAll(async () => {
    world = await makeAuditWorld();
    Bucket = world.vaultBucket;
    kms = new KMSClient(clientConfig(rootSettings(HOME)));
    const of = (sid: string, action: string[], condition: object = {}) => ({
      Sid: sid,
      Effect: 'Deny',
      Principal: '*',
      Action: action,
      Resource: [`arn:aws:s3:::${Bucket}/*`],
      ...condition,
    });
    policy = {
      Version: '2012-10-17',
      Statement: [
        of('NobodyHides', ['s3:DeleteObject']),
        of('NoOtherKey', ['s3:PutObject'], {
          Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': VAULT_KEY_PLACEHOLDER } },
        }),
      ],
    };
    keyPolicy = {
      Version: '2012-10-17',
      Statement: [
        { Sid: 'Delegate', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: ['kms:*'], Resource: ['*'] },
        { Sid: 'NoGrants', Effect: 'Deny', Principal: '*', Action: ['kms:CreateGrant'], Resource: ['*'] },
      ],
    };
    await kms.send(new EnableKeyRotationCommand({ KeyId: world.keyId }));
    expected = {
      buckets: [
        {
          bucket: Bucket,
          stack,
          defaultLock: { mode: 'governance', days: 2 },
          encryption: 'vault-key',
          lifecycle: RULES.map(asS3Says),
          policy,
        },
      ],
      keys: [{ alias: world.alias, purpose: 'vault', stack, rotates: true, policy: keyPolicy }],
    };
    await restore();
  });

  const find = async (
    wanted = expected,
    sources: { store: 'secret' | 'parameter'; name: string }[] = [],
    logins = { needed: [] as string[], toCome: [] as string[] },
  ) => {
    const ports = { settings: settingsReader(world.home, kms), readUsed: (names: UsedNames) => readUsed(names, rootSettings(HOME)) };
    const answer = await checkSettings({ expected: wanted, sources, logins }, ports);
    for (const finding of answer.findings) {
      const told = explainFinding(finding, {
        system: 'x',
        side: 'vault',
        region: HOME,
        bucket: Bucket,
        planFile: 'plans/x.yaml',
        run: RUN,
        assets: [],
      });
      expect(told.command).not.toContain('<file>');
      expect(told.what).toMatch(/^[A-Z][^]{20,}[^.]$/);
      expect(told.command).toMatch(/^(aws|npx)/);
    }
    return answer;
  };

  it('nothing, of what is as it was deployed', async () => {
    expect(await find()).toEqual({ findings: [], vaultKeyArn: world.keyArn, canRead: true });
  });

  it('a source that is deleted, one that is not there, and one whose key ends', async () => {
    const [secrets, parameters] = [
      new SecretsManagerClient(clientConfig(rootSettings(HOME))),
      new SSMClient(clientConfig(rootSettings(HOME))),
    ];
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const name = (what: string) => `${world.system}/${what}`;
    await secrets.send(new CreateSecretCommand({ Name: name('deleted'), SecretString: 'x' }));
    await secrets.send(new DeleteSecretCommand({ SecretId: name('deleted'), RecoveryWindowInDays: 7 }));
    await parameters.send(
      new PutParameterCommand({ Name: `/${name('token')}`, Value: 'x', Type: 'SecureString', KeyId: KeyMetadata?.Arn }),
    );
    await secrets.send(new CreateSecretCommand({ Name: name('well'), SecretString: 'x' }));
    const sources = [
      ...['deleted', 'gone', 'well'].map((one) => ({ store: 'secret' as const, name: name(one) })),
      { store: 'parameter' as const, name: `/${name('token')}` },
    ];
    const deleted = { kind: 'source-gone', used: { state: 'deletion-scheduled', source: { name: name('deleted') } } };
    const gone = { kind: 'source-gone', used: { state: 'gone', source: { name: name('gone') } } };
    expect((await find(expected, sources)).findings).toMatchObject([deleted, gone]);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
    const ends = { kind: 'source-key-ends', used: { state: 'deletion-scheduled', encrypts: { name: `/${name('token')}` } } };
    expect((await find(expected, sources)).findings).toMatchObject([deleted, gone, ends]);
  });

  it('a login that is missed, and the key of one that is disabled or ends, in the words of the key watch', async () => {
    const secrets = new SecretsManagerClient(clientConfig(rootSettings(HOME)));
    const name = (what: string) => `${world.system}/login-${what}`;
    const encrypted = async (what: string) => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      await secrets.send(new CreateSecretCommand({ Name: name(what), SecretString: '{}', KmsKeyId: KeyMetadata?.Arn }));
      return KeyMetadata?.Arn ?? '';
    };
    const [dump, restore] = [await encrypted('dump'), await encrypted('restore')];
    const logins = { needed: [name('dump'), name('none')], toCome: [name('restore'), name('not-made-yet')] };
    const missed = { kind: 'source-gone', used: { state: 'gone', holds: 'login', source: { name: name('none') } } };
    expect((await find(expected, [], logins)).findings).toMatchObject([missed]);

    await kms.send(new DisableKeyCommand({ KeyId: dump }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: restore, PendingWindowInDays: 7 }));
    const { findings } = await find(expected, [], logins);
    expect(findings).toHaveLength(3);
    expect(findings).toMatchObject([
      { kind: 'source-key-ends', used: { state: 'disabled', arn: dump, encrypts: { name: name('dump') } } },
      missed,
      { kind: 'source-key-ends', used: { state: 'deletion-scheduled', arn: restore, encrypts: { name: name('restore') } } },
    ]);
    const told = findings.map((finding) =>
      explainFinding(finding, { system: 'x', side: 'vault', region: HOME, bucket: Bucket, planFile: 'plans/x.yaml', run: RUN, assets: [] }),
    );
    expect(told[0]).toMatchObject({
      what: `The key of the secret ${name('dump')} (${dump}) is disabled`,
      command: `aws kms enable-key --region ${HOME} --key-id ${dump}`,
    });
    expect(told[1]?.fix).not.toContain('escrow');
    expect(told[2]?.command).toContain(`aws kms cancel-key-deletion --region ${HOME} --key-id ${restore}`);
  });

  const of = () => ({ bucket: Bucket, stack });
  const changes: [string, () => Promise<unknown>, () => object[]][] = [
    [
      'versioning that is suspended',
      () => world.home.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
      () => [{ kind: 'versioning-off', ...of(), found: 'suspended' }],
    ],
    [
      'a default retention that is gone',
      () => putLock(undefined),
      () => [{ kind: 'default-lock-missing', ...of(), mode: 'governance', days: 2 }],
    ],
    [
      'a default retention that is another',
      () => putLock({ DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } }),
      () => [{ kind: 'default-lock-differs', ...of(), mode: 'governance', days: 2, foundMode: 'governance', foundDays: 1 }],
    ],
    [
      'another encryption',
      () => putEncryption({ SSEAlgorithm: 'AES256' }),
      () => [{ kind: 'bucket-encryption-differs', ...of(), found: 'AES256', expected: `aws:kms under ${world.keyArn}` }],
    ],
    [
      'a way in for the public',
      () => putPublicAccess(false),
      () => [{ kind: 'public-access-open', ...of(), settings: ['BlockPublicPolicy'] }],
    ],
    [
      'access lists',
      () => world.home.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
      () => [{ kind: 'ownership-shared', ...of() }],
    ],
    [
      'a lifecycle rule that was not there, and one that is another',
      () =>
        putRules([
          S3_RULES[0],
          { ...S3_RULES[1], Expiration: { Days: 9 } },
          S3_RULES[2],
          { ID: 'Clean up', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } },
        ]),
      () => [{ kind: 'lifecycle-changed', ...of(), rules: ['Expire', 'Clean up'] }],
    ],
    [
      'no lifecycle at all',
      () => world.home.send(new DeleteBucketLifecycleCommand({ Bucket })),
      () => [{ kind: 'lifecycle-changed', ...of(), rules: ['EndUnfinishedUploads', 'Expire', 'Move'] }],
    ],
    ['no policy', () => world.home.send(new DeleteBucketPolicyCommand({ Bucket })), () => [{ kind: 'bucket-policy-missing', ...of() }]],
    [
      'a policy with a statement less, one more and one that is another',
      () => {
        const [first, second] = policy.Statement;
        const changed = { ...second, Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'another' } } };
        const own = { ...first, Sid: 'Mine', Action: 's3:GetObject' };
        return world.home.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ ...policy, Statement: [own, changed] }) }));
      },
      () => [{ kind: 'bucket-policy-changed', ...of(), missing: ['NobodyHides'], changed: ['NoOtherKey'], added: ['Mine'] }],
    ],
    [
      'a key that is disabled',
      () => kms.send(new DisableKeyCommand({ KeyId: world.keyId })),
      () => [{ kind: 'key-disabled', alias: world.alias, stack, keyArn: world.keyArn }],
    ],
    [
      'the policy of a key',
      () => {
        const Policy = JSON.stringify({ ...keyPolicy, Statement: keyPolicy.Statement.slice(0, 1) });
        return kms.send(new PutKeyPolicyCommand({ KeyId: world.keyId, PolicyName: 'default', Policy }));
      },
      () => [
        { kind: 'key-policy-changed', alias: world.alias, stack, keyArn: world.keyArn, missing: ['NoGrants'], changed: [], added: [] },
      ],
    ],
  ];
  it.each(changes)('%s', async (_, change, finding) => {
    await change();
    const { findings, canRead } = await find();
    expect(findings).toEqual(finding());
    expect(canRead).toBe(!findings.some(({ kind }) => kind === 'key-disabled'));
    await restore();
  });

  it('a key that is about to go, and an alias that names none: then nothing can be read', async () => {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: world.keyId, PendingWindowInDays: 7 }));
    const { findings, canRead } = await find();
    expect(findings).toMatchObject([{ kind: 'key-deletion-scheduled', alias: world.alias, keyArn: world.keyArn }]);
    expect(Date.parse('deletionAt' in findings[0]! ? (findings[0].deletionAt ?? '') : '')).toBeGreaterThan(Date.now());
    expect(canRead).toBe(false);
    await kms.send(new CancelKeyDeletionCommand({ KeyId: world.keyId }));
    await kms.send(new DeleteAliasCommand({ AliasName: world.alias }));
    expect(await find({ ...expected, buckets: [] })).toEqual({
      findings: [{ kind: 'key-missing', alias: world.alias, stack }],
      vaultKeyArn: '',
      canRead: false,
    });
  });

  it('a bucket that is not there', async () => {
    const [bucket] = expected.buckets;
    const { findings } = await find({ buckets: [{ ...bucket!, bucket: `${Bucket}-gone` }], keys: [] });
    expect(findings).toEqual([{ kind: 'bucket-missing', bucket: `${Bucket}-gone`, stack }]);
  });
});
