/**
 * Policies of the four buckets. They deny; what is granted stands in the roles. Everything outside `data/` exists once under its
 * key, nothing is deleted, and nothing is locked longer than the plan says, whatever an identity policy would allow.
 */
import type { Conditions, ResourceStatement } from '../policy.ts';
import { roleArn, type Site, type System } from '../system.ts';
import { onlyApprovalsApprove } from '../approval/record-writers.ts';
import { onlyTheirOwnPapers } from '../quiesce/record-writers.ts';
import { onlyPeopleSignOff } from '../sign-off/record-writers.ts';
import { onlyTheirWriters, onlyTheKeyWatch, type RecordWriters } from './record-writers.ts';

export type BucketRules = {
  system: System;
  site: Site;
  /** ARN of the bucket. */
  bucket: string;
  /** ARNs of the roles that may lock. */
  lockers: string[];
  /** ARNs of the roles that may put legal holds on objects and take them off. */
  holders: string[];
  /** ARNs of the roles that may delete versions: those of retention. */
  deleters: string[];
  /** ARNs of the roles that may tag objects: a tag moves data to another class. */
  taggers: string[];
  /** Of a bucket that has records of points. */
  writers?: RecordWriters;
  /** Of an escrow bucket: ARN of the role that says what it saw of the region's keys. */
  keyWatch?: string;
  /** Whose approvals this bucket keeps: the system as the bucket's region has it. */
  approvals?: System;
  /** Prefix in which an object may be written without `If-None-Match`. */
  freePrefix?: string;
  /** Days: of a point's data and records, where the bucket has some, and of anything. */
  longestLock: { pointDays?: number; days: number };
  /** Undefined for a bucket whose objects S3's own key encrypts. */
  keyArn?: string;
  /** What roles of the home account may do here when this is another account's bucket; ignored otherwise. */
  grantsToOtherAccount?: { roles: string[]; actions: string[] }[];
};

export function bucketStatements(rules: BucketRules): ResourceStatement[] {
  const { bucket } = rules;
  const objects = `${bucket}/*`;
  const denied = { effect: 'Deny', principal: '*' } as const;
  return [
    {
      ...denied,
      sid: 'OnlyTls',
      actions: ['s3:*'],
      resources: [bucket, objects],
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      ...denied,
      sid: 'OnlyTls12',
      actions: ['s3:*'],
      resources: [bucket, objects],
      conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    },
    writtenOnce(rules, objects),
    noLongerThan('NoLongerThanThePlan', rules.longestLock.days, [objects]),
    ...(rules.longestLock.pointDays === undefined
      ? []
      : [noLongerThan('PointsNoLongerThanThePlan', rules.longestLock.pointDays, pointsOf(bucket))]),
    {
      ...denied,
      sid: 'OnlyLockAndCopyLock',
      actions: ['s3:PutObjectRetention'],
      resources: [objects],
      ...exceptRoles(rules.lockers),
    },
    { ...denied, sid: 'NobodyBypasses', actions: ['s3:BypassGovernanceRetention'], resources: [objects] },
    { ...denied, sid: 'OnlyHoldsHold', actions: ['s3:PutObjectLegalHold'], resources: [objects], ...exceptRoles(rules.holders) },
    { ...denied, sid: 'NobodyHides', actions: ['s3:DeleteObject'], resources: [objects] },
    { ...denied, sid: 'OnlyRetentionDeletes', actions: ['s3:DeleteObjectVersion'], resources: [objects], ...exceptRoles(rules.deleters) },
    {
      ...denied,
      sid: 'OnlyRetentionTags',
      actions: ['s3:PutObjectTagging', 's3:PutObjectVersionTagging', 's3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'],
      resources: [objects],
      ...exceptRoles(rules.taggers),
    },
    ...onlyDataIsTagged(rules),
    ...onlyPointsGo(rules),
    ...(rules.writers ? onlyTheirWriters(bucket, rules.system, rules.writers) : []),
    ...(rules.keyWatch === undefined ? [] : [onlyTheKeyWatch(bucket, rules.system, rules.keyWatch)]),
    ...(rules.approvals
      ? [
          ...onlyApprovalsApprove(bucket, rules.approvals),
          ...onlyPeopleSignOff(bucket, rules.approvals),
          ...onlyTheirOwnPapers(bucket, rules.approvals),
        ]
      : []),
    ...encryption(rules, objects),
    ...grantsToHome(rules, [bucket, objects]),
  ];
}

/** What is locked cannot be deleted, whoever has come to have a right to that: nobody locks for a century. */
const noLongerThan = (sid: string, days: number, resources: string[]): ResourceStatement => ({
  sid,
  effect: 'Deny',
  principal: '*',
  actions: ['s3:PutObject', 's3:PutObjectRetention'],
  resources,
  conditions: { NumericGreaterThan: { 's3:object-lock-remaining-retention-days': String(days) } },
});

/** Where the data and the records of points are. */
const pointsOf = (bucket: string) => ['data', 'catalog'].map((prefix) => `${bucket}/${prefix}/*`);

function grantsToHome(rules: BucketRules, resources: string[]): ResourceStatement[] {
  const { home } = rules.system;
  if (rules.site.account === home.account) return [];
  return (rules.grantsToOtherAccount ?? []).map(({ roles, actions }, i) => ({
    sid: `HomeAccount${i + 1}`,
    principal: { AWS: `arn:${home.partition}:iam::${home.account}:root` },
    actions,
    resources,
    conditions: { ArnLike: { 'aws:PrincipalArn': roles.map((name) => roleArn(home, name)) } },
  }));
}

const exceptRoles = (arns: string[]) => (arns.length === 0 ? {} : { conditions: { ArnNotLike: { 'aws:PrincipalArn': arns } } });

/** What has a tag may move to an archive, and a record has to be read at once. */
const onlyDataIsTagged = ({ bucket, taggers }: BucketRules): ResourceStatement[] =>
  taggers.length === 0
    ? []
    : [
        {
          sid: 'OnlyDataIsTagged',
          effect: 'Deny',
          principal: '*',
          actions: ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'],
          resources: [],
          notResources: [`${bucket}/data/*`],
        },
      ];

/** Not even retention deletes links, claims or evidence. */
const onlyPointsGo = ({ bucket, deleters }: BucketRules): ResourceStatement[] =>
  deleters.length === 0
    ? []
    : [
        {
          sid: 'OnlyPointsAreDeleted',
          effect: 'Deny',
          principal: '*',
          actions: ['s3:DeleteObjectVersion'],
          resources: [],
          notResources: pointsOf(bucket),
        },
      ];

/** Starting a multipart upload and its parts carry no `If-None-Match`; completing it does. */
function writtenOnce(rules: BucketRules, objects: string): ResourceStatement {
  return {
    sid: 'WrittenOnce',
    effect: 'Deny',
    principal: '*',
    actions: ['s3:PutObject'],
    resources: [objects],
    ...(rules.freePrefix === undefined ? {} : { notResources: [`${rules.bucket}/${rules.freePrefix}*`] }),
    conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  };
}

/** A write that says nothing about encryption gets the bucket's own; one that says something must say the same. */
function encryption(rules: BucketRules, objects: string): ResourceStatement[] {
  const statement = (sid: string, conditions: Conditions): ResourceStatement => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: ['s3:PutObject'],
    resources: [objects],
    conditions,
  });
  const other = 's3:x-amz-server-side-encryption';
  const customer = statement('NoKeyOfTheCaller', { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } });
  const kind = statement('NoOtherEncryption', {
    Null: { [other]: 'false' },
    StringNotEquals: { [other]: rules.keyArn === undefined ? 'AES256' : 'aws:kms' },
  });
  if (rules.keyArn === undefined) return [customer, kind];
  const key = 's3:x-amz-server-side-encryption-aws-kms-key-id';
  return [customer, kind, statement('NoOtherKey', { Null: { [key]: 'false' }, StringNotEquals: { [key]: rules.keyArn } })];
}
