/** The audit's roles, and what it holds each region to, as the templates for AWS have it. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { comparePolicies } from '../../core/audit/compare-policy.ts';
import { Expectation, VAULT_KEY_PLACEHOLDER, type PolicyDocument } from '../../core/audit/expectation.ts';
import type { Decision } from './policy-matcher.ts';
import { askOf, HOME, REPLICA, throughS3 } from './asks.ts';
import { ACCOUNT, bucketPolicy, keyPolicy, ofType, PLANS, synthesize } from './synthesized.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const fn = (handler: string, suffix = '') => `holdfast-ida-${handler.replace('/', '-')}${suffix}`;

const DATA = 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump-0001';
const MANIFEST = 'catalog/ida/postgres/20261121T011500Z/manifest.json';
const RUN = '20261121T085000Z-3fa9c1';
const EVIDENCE = `evidence/ida/2026/audit-${RUN}.json`;
const SETTINGS = [
  's3:GetBucketVersioning',
  's3:GetBucketObjectLockConfiguration',
  's3:GetEncryptionConfiguration',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketOwnershipControls',
  's3:GetLifecycleConfiguration',
  's3:GetBucketPolicy',
];
const KEYS = ['vault', 'escrow', 'fingerprint', 'evidence'] as const;
const LOGICAL = { vault: 'VaultKey', escrow: 'EscrowKey', fingerprint: 'FingerprintKey', evidence: 'EvidenceKey' } as const;

const sides = [
  { side: 'vault', escrow: 'escrow', suffix: '', other: 'replica', region: HOME },
  { side: 'replica', escrow: 'replica-escrow', suffix: '-replica', other: 'vault', region: REPLICA },
] as const;

describe.each(sides)('the audit beside the $side', ({ side, escrow, suffix, other, region }) => {
  const [begin, settings, objects, tell] = ['begin-audit', 'check-settings', 'check-objects', 'write-evidence'].map((name) =>
    fn(`audit/${name}`, suffix),
  ) as [string, string, string, string];
  const machine = `holdfast-ida-audit${suffix}-machine`;
  const bucket = `holdfast-ida-${side}-${ACCOUNT}-${region}`;
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const s3 = throughS3(bucket, region);

  const can: [string, Decision][] = [
    ...SETTINGS.map((action): [string, Decision] => [`settings: ${action}`, ask.other(settings, action, bucketArn)]),
    ...KEYS.flatMap((kind): [string, Decision][] =>
      ['kms:DescribeKey', 'kms:GetKeyPolicy'].map((action) => [`settings: ${action} of ${kind}`, ask.key(settings, action, kind, region)]),
    ),
    ['objects: the last audit', ask.object(objects, 's3:GetObjectVersion', side, EVIDENCE)],
    ['objects: a manifest', ask.object(objects, 's3:GetObjectVersion', side, MANIFEST)],
    ['objects: the head of data', ask.object(objects, 's3:GetObjectVersion', side, DATA)],
    ['objects: a lock', ask.object(objects, 's3:GetObjectRetention', side, DATA)],
    ['objects: a hold', ask.object(objects, 's3:GetObjectLegalHold', side, MANIFEST)],
    ['objects: a listing of data', ask.list(objects, side, 'data/ida/postgres/2026/11/21/')],
    ['telling writes evidence', ask.object(tell, 's3:PutObject', side, EVIDENCE)],
  ];
  it.each(can)('may: %s', (_, decision) => expect(decision.outcome).toBe('allowed'));

  const WRITES = ['s3:PutObject', 's3:PutObjectRetention', 's3:PutObjectLegalHold', 's3:DeleteObject', 's3:DeleteObjectVersion'];
  const lookers = [begin, settings, objects, machine];
  const cannot: [string, Decision][] = [
    ...lookers.flatMap((role) =>
      WRITES.flatMap((action) =>
        [DATA, MANIFEST, EVIDENCE].map((key): [string, Decision] => [`${role}: ${action} of ${key}`, ask.object(role, action, side, key)]),
      ),
    ),
    ...[...lookers, tell].flatMap((role) =>
      ['s3:PutBucketPolicy', 's3:PutBucketVersioning', 's3:PutBucketObjectLockConfiguration', 's3:PutLifecycleConfiguration'].map(
        (action): [string, Decision] => [`${role}: ${action}`, ask.other(role, action, bucketArn)],
      ),
    ),
    ...KEYS.flatMap((kind) =>
      ['kms:EnableKey', 'kms:DisableKey', 'kms:CancelKeyDeletion', 'kms:PutKeyPolicy', 'kms:Sign', 'kms:Decrypt'].map(
        (action): [string, Decision] => [`${settings}: ${action} of ${kind}`, ask.key(settings, action, kind, region)],
      ),
    ),
    ['beginning reads a record', ask.object(begin, 's3:GetObject', side, EVIDENCE)],
    ['settings reads a record', ask.object(settings, 's3:GetObject', side, MANIFEST)],
    ['objects reads the other region', ask.object(objects, 's3:GetObjectVersion', other, MANIFEST)],
    ['objects reads an envelope', ask.object(objects, 's3:GetObject', escrow, 'ida/wallet-encryption-key/f/envelope')],
    ['objects reads of another system', ask.object(objects, 's3:GetObject', side, MANIFEST.replace('/ida/', '/other/'))],
    ['objects writes under the key', ask.key(objects, 'kms:GenerateDataKey', 'vault', region, s3)],
    ['telling writes a manifest', ask.object(tell, 's3:PutObject', side, MANIFEST)],
    ['telling writes the evidence of a drill', ask.object(tell, 's3:PutObject', side, `evidence/ida/2026/drill-${RUN}.json`)],
    ['telling reads a record', ask.object(tell, 's3:GetObject', side, MANIFEST)],
  ];
  it.each(cannot)('may not: %s', (_, decision) => expect(decision.outcome).not.toBe('allowed'));
});

/** What a machine's definition carries. */
const Carried = z.object({
  States: z.object({ 'Look at buckets and keys': z.object({ Arguments: z.object({ Payload: z.object({ expected: Expectation }) }) }) }),
});
const expectedBy = (definition: string) =>
  Carried.parse(JSON.parse(definition)).States['Look at buckets and keys'].Arguments.Payload.expected;

const templatesOf = (plan: string, side: 'vault' | 'replica') => {
  const { pipeline, recovery, vault, replicaVault } = synthesize(plan);
  return side === 'vault' ? { runs: pipeline, holds: vault } : { runs: recovery, holds: replicaVault };
};

describe.each(['vault', 'replica'] as const)('what the audit holds the %s to', (side) => {
  const suffix = side === 'replica' ? '-replica' : '';

  it.each([...PLANS, 'test/infra/existing-network.yaml'])('is what the stacks of %s deploy', (plan) => {
    const { runs, holds } = templatesOf(plan, side);
    const machine = ofType(runs, 'AWS::StepFunctions::StateMachine').find(([, { Properties }]) =>
      String(Properties['StateMachineName']).endsWith(`-audit${suffix}`),
    );
    const expected = expectedBy(String(machine?.[1].Properties['DefinitionString']));

    const buckets = ofType(holds, 'AWS::S3::Bucket').map(([, { Properties }]) => String(Properties['BucketName']));
    expect(expected.buckets.map(({ bucket }) => bucket).toSorted()).toEqual(buckets.toSorted());
    for (const one of expected.buckets) {
      const deployed = JSON.stringify(bucketPolicy(holds, one.bucket)).replaceAll(
        /arn:aws:kms:<region>:\d+:key\/VaultKey/g,
        VAULT_KEY_PLACEHOLDER,
      );
      expect(comparePolicies(one.policy, JSON.parse(deployed) as PolicyDocument), one.bucket).toBeUndefined();
      expect(one.policy.Statement.length).toBeGreaterThan(8);
      expect(one.lifecycle).toContainEqual({
        ID: 'EndUnfinishedUploads',
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
      });
    }
    expect(expected.keys.map(({ purpose }) => purpose).toSorted()).toEqual([...KEYS].toSorted());
    for (const { purpose, policy, rotates } of expected.keys) {
      expect(comparePolicies(policy!, keyPolicy(holds, LOGICAL[purpose]) as PolicyDocument), purpose).toBeUndefined();
      expect(rotates).toBe(purpose === 'vault' || purpose === 'escrow');
    }
  });
});

it('leaves the policy of a key that was there before to its owner', () => {
  const { pipeline } = synthesize('ida', { vaultKeyArn: `arn:aws:kms:${HOME}:${ACCOUNT}:key/0000` });
  const machine = ofType(pipeline, 'AWS::StepFunctions::StateMachine').find(
    ([, { Properties }]) => Properties['StateMachineName'] === 'holdfast-ida-audit',
  );
  const { keys } = expectedBy(String(machine?.[1].Properties['DefinitionString']));
  expect(keys.filter(({ policy }) => policy === undefined).map(({ purpose }) => purpose)).toEqual(['vault']);
});
