/** The buckets and keys of both regions, as the templates for AWS have them. */
import { describe, expect, it } from 'vitest';
import { OMISSIONS } from '../../infra/emulator.ts';
import { ACCOUNT, ofType, synthesize, type Template } from './synthesized.ts';

const ida = synthesize('ida');
const vaultBucket = ida.vault.Resources['VaultBucket']?.Properties ?? {};

/** A change of any of these would make CloudFormation leave the old resource behind and want to make one of the same name. */
const RETAINED = {
  vault: [
    'EscrowBucket',
    'EscrowBucketPolicy',
    'EscrowKey',
    'EscrowKeyAlias',
    'EvidenceKey',
    'EvidenceKeyAlias',
    'FingerprintKey',
    'FingerprintKeyAlias',
    'VaultBucket',
    'VaultBucketPolicy',
    'VaultKey',
    'VaultKeyAlias',
  ],
  replicaVault: [
    'EscrowKey',
    'EscrowKeyAlias',
    'EvidenceKey',
    'EvidenceKeyAlias',
    'FingerprintKey',
    'FingerprintKeyAlias',
    'ReplicaBucket',
    'ReplicaBucketPolicy',
    'ReplicaEscrowBucket',
    'ReplicaEscrowBucketPolicy',
    'VaultKey',
    'VaultKeyAlias',
  ],
};

const retained = (template: Template) =>
  Object.entries(template.Resources)
    .filter(([, r]) => r.DeletionPolicy === 'Retain' && r.UpdateReplacePolicy === 'Retain')
    .map(([id]) => id)
    .sort();

describe('what is retained', () => {
  it('has the logical ids that it always had', () => {
    expect(retained(ida.vault)).toEqual(RETAINED.vault);
    expect(retained(ida.replicaVault)).toEqual(RETAINED.replicaVault);
  });

  it('is every bucket and key there is', () => {
    for (const template of [ida.vault, ida.replicaVault, ida.pipeline])
      for (const type of ['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::KMS::Alias'])
        for (const [id, resource] of ofType(template, type)) expect(resource.DeletionPolicy, id).toBe('Retain');
  });
});

describe('every bucket', () => {
  const buckets = [ida.vault, ida.replicaVault].flatMap((template) => ofType(template, 'AWS::S3::Bucket'));

  it.each(buckets)('%s is versioned, locked, private and encrypted', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(Properties['BucketEncryption']).toBeDefined();
  });

  it('there are four of them', () => expect(buckets).toHaveLength(4));

  type Rules = { LifecycleConfiguration: { Rules: Record<string, unknown>[] } };
  const rulesOf = ([, { Properties }]: (typeof buckets)[number]) => (Properties as Rules).LifecycleConfiguration.Rules;

  it.each(buckets)('%s ends uploads that were given up', (...bucket) =>
    expect(rulesOf(bucket)[0]).toMatchObject({ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } }),
  );

  it('expires nothing by itself but the working papers of retention, of approvals and of restores', () => {
    const expiring = buckets.flatMap(rulesOf).filter((rule) => Object.keys(rule).some((name) => name.includes('Expiration')));
    const papers = (Id: string, Prefix: string) => ({
      Id,
      Status: 'Enabled',
      Prefix,
      ExpirationInDays: 90,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    const each = [
      papers('ExpireWorkingPapers', 'retention/ida/'),
      papers('ExpireApprovalPapers', 'approvals/ida/'),
      papers('ExpireWorkingPapersOfRestores', 'restores/ida/'),
    ];
    expect(expiring).toEqual([...each, ...each]);
  });

  it('moves data that has the tag of a class that the plan names, and nothing else', () => {
    const moving = buckets.flatMap(rulesOf).filter(({ Transitions }) => Transitions !== undefined);
    expect(moving).toHaveLength(2);
    for (const rule of moving)
      expect(rule).toEqual({
        Id: 'MoveTo-glacier-ir',
        Status: 'Enabled',
        Prefix: 'data/ida/',
        TagFilters: [{ Key: 'holdfast-cold', Value: 'glacier-ir' }],
        Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 0 }],
      });
    const { vault } = synthesize('nmia');
    expect(JSON.stringify(ofType(vault, 'AWS::S3::Bucket'))).not.toContain('Transitions');
  });

  it('holds points for two days in the plan’s mode, and envelopes in compliance mode', () => {
    expect(vaultBucket['ObjectLockConfiguration']).toMatchObject({ Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } } });
    expect(ida.vault.Resources['EscrowBucket']?.Properties['ObjectLockConfiguration']).toMatchObject({
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 731 } },
    });
  });

  it('uses the vault’s own key with a bucket key', () => {
    expect(vaultBucket['BucketEncryption']).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: { 'Fn::GetAtt': ['VaultKey', 'Arn'] } },
        },
      ],
    });
  });
});

describe('the keys', () => {
  const keysOf = (template: Template) =>
    Object.fromEntries(ofType(template, 'AWS::KMS::Key').map(([id, { Properties }]) => [id, Properties]));

  it('are of the kinds that their purposes need, one set per region, none multi-Region', () => {
    const home = keysOf(ida.vault);
    expect(home['VaultKey']).toMatchObject({ KeySpec: 'SYMMETRIC_DEFAULT', EnableKeyRotation: true });
    expect(home['EscrowKey']).toMatchObject({ KeySpec: 'SYMMETRIC_DEFAULT', EnableKeyRotation: true });
    expect(home['FingerprintKey']).toMatchObject({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(home['EvidenceKey']).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(Object.keys(keysOf(ida.replicaVault)).sort()).toEqual(['EscrowKey', 'EvidenceKey', 'FingerprintKey', 'VaultKey']);
    for (const key of [...Object.values(home), ...Object.values(keysOf(ida.replicaVault))]) {
      expect(key['PendingWindowInDays']).toBe(30);
      expect(key).not.toHaveProperty('MultiRegion');
    }
  });

  it('have the system’s aliases', () => {
    const aliases = ofType(ida.vault, 'AWS::KMS::Alias').map(([, { Properties }]) => String(Properties['AliasName']));
    expect(aliases.sort()).toEqual(['escrow', 'evidence', 'fingerprint', 'vault'].map((purpose) => `alias/holdfast/ida/${purpose}`));
  });

  it('may be the owner’s own for the vault: it gets the alias, and the bucket its ARN', () => {
    const vaultKeyArn = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    const { vault } = synthesize('ida', { vaultKeyArn });
    expect(vault.Resources['VaultKey']).toBeUndefined();
    expect(vault.Resources['VaultKeyAlias']?.Properties).toMatchObject({ AliasName: 'alias/holdfast/ida/vault', TargetKeyId: vaultKeyArn });
    expect(JSON.stringify(vault.Resources['VaultBucket'])).toContain(vaultKeyArn);
  });
});

describe('what is left out for the emulator', () => {
  const elsewhere = synthesize('test/infra/existing-network.yaml');
  const real = JSON.stringify([ida.vault, ida.replicaVault, ida.pipeline, elsewhere.pipeline]);
  const emulated = synthesize('ida', { emulator: 'ministack' });
  const shown = JSON.stringify([emulated.vault, emulated.replicaVault, emulated.pipeline]);

  it.each(OMISSIONS.flatMap(({ without }) => without))('%s is in the templates for AWS, and not in the emulator’s', (name) => {
    expect(real).toContain(`"${name}"`);
    expect(shown).not.toContain(`"${name}"`);
  });

  it.each(OMISSIONS)('$sentence', ({ sentence }) => expect(sentence).toMatch(/^[A-Z].*\.$/));

  const ABSENT = [
    'WatchTries',
    'Flows',
    'RecordsWritten',
    'RecordsWrittenMayCall',
    'FollowRecordTries',
    'FollowMissingTries',
    'Hearkeysended',
    'Hearsecretsdeleted',
    'HearMayCall',
    'KeyWatchTries',
    'Rotationwalletencryptionkey',
  ];
  it('is nothing else: the same resources, but for the types that it does not know', () => {
    const ids = (template: Template) => Object.keys(template.Resources).sort();
    expect(ids(emulated.vault)).toEqual(ids(ida.vault));
    expect(ids(emulated.replicaVault)).toEqual(ids(ida.replicaVault));
    expect(ids(emulated.pipeline)).toEqual(ids(ida.pipeline).filter((id) => !ABSENT.includes(id)));
  });
});
