/**
 * What roles are given, scoped by core's key builders. CDK's own helpers are not used: `grantPut` brings PutObjectRetention and
 * `grantReadWrite` brings DeleteObject.
 */
import { envelopeConditions } from './vault/key-policies.ts';
import { aliasArn, arn, bucketArn, secretArn, type Site, type System } from './system.ts';
import type { KeyPurpose } from '../core/names.ts';
import { publicKeyKey, publicKeysPrefix } from '../core/vault/keys.ts';
import type { Conditions, Statement } from './policy.ts';

export type Bucket = { name: string; site: Site };

export const vaultOf = (s: System): Bucket => ({ name: s.vaultBucket, site: s.home });
export const replicaOf = (s: System): Bucket => ({ name: s.replicaBucket, site: s.replica });
export const escrowOf = (s: System): Bucket => ({ name: s.escrowBucket, site: s.home });
export const replicaEscrowOf = (s: System): Bucket => ({ name: s.replicaEscrowBucket, site: s.replica });

const objects = (bucket: Bucket, keys: string[]) => keys.map((key) => `${bucketArn(bucket.site, bucket.name)}/${key}`);
const POINTS = 'Slots, attempts and runs are named when they happen: the key builder leaves these parts open, below the fixed ones.';

/** @param keys patterns of object keys, from core's builders */
export const readObjects = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:GetObject', 's3:GetObjectVersion'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Reading how long versions are locked, and whether they are held. */
export const readLocks = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:GetObjectRetention', 's3:GetObjectLegalHold'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** The public halves of the keys that signed: by these a release of a hold is known for one. */
export const readPublicKeys = (system: string, bucket: Bucket): Statement[] => [
  listObjects('SeePublicKeys', bucket, [publicKeysPrefix(system)]),
  readObjects('ReadPublicKeys', bucket, [publicKeyKey(system, '*')]),
];

export const lockVersions = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:GetObjectRetention', 's3:PutObjectRetention'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Only the function of holds is given it, and the buckets' policies refuse it to everybody else. */
export const setHolds = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:PutObjectLegalHold'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Small objects; multipart uploads need `uploadObjects`. */
export const putObjects = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:PutObject'],
  resources: objects(bucket, keys),
  why: POINTS,
});

export const uploadObjects = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Only retention is given it, for data alone, and the buckets' policies refuse it to everybody else. */
export const tagVersions = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:PutObjectVersionTagging'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Having data retrieved from cold storage. Whoever is given only this reads no byte: it has no key. */
export const retrieveObjects = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:RestoreObject', 's3:GetObject', 's3:GetObjectVersion'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Deleting versions, for good. Only retention's functions are given it, and the buckets' policies refuse it to everybody else. */
export const deleteVersions = (sid: string, bucket: Bucket, keys: string[]): Statement => ({
  sid,
  actions: ['s3:DeleteObjectVersion'],
  resources: objects(bucket, keys),
  why: POINTS,
});

/** Finding uploads that were given up, and ending them. */
export const sweepUploads = (bucket: Bucket, keys: string[]): Statement[] => [
  // This action knows no condition on prefixes.
  { sid: 'FindUploads', actions: ['s3:ListBucketMultipartUploads'], resources: [bucketArn(bucket.site, bucket.name)] },
  { sid: 'EndUploads', actions: ['s3:AbortMultipartUpload'], resources: objects(bucket, keys), why: POINTS },
];

/** How buckets are set up, and their policies. Nothing of what they hold. */
export const readSettings = (sid: string, buckets: Bucket[]): Statement => ({
  sid,
  actions: [
    's3:GetBucketVersioning',
    's3:GetBucketObjectLockConfiguration',
    's3:GetEncryptionConfiguration',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketOwnershipControls',
    's3:GetLifecycleConfiguration',
    's3:GetBucketPolicy',
  ],
  resources: buckets.map((bucket) => bucketArn(bucket.site, bucket.name)),
});

/** Listing keys and versions under the prefixes, and nowhere else. */
export const listObjects = (sid: string, bucket: Bucket, prefixes: string[]): Statement => ({
  sid,
  actions: ['s3:ListBucket', 's3:ListBucketVersions'],
  resources: [bucketArn(bucket.site, bucket.name)],
  conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
});

/** The bucket's key, as S3 asks for it on a caller's behalf: under the bucket's own context and in no other way. */
export function bucketKey(sid: string, system: System, bucket: Bucket, use: 'read' | 'write' | 'read-write' | 'upload'): Statement {
  // S3 decrypts the parts of a multipart upload when it puts them together.
  const actions = { read: ['kms:Decrypt'], write: ['kms:GenerateDataKey'] };
  return {
    sid,
    actions: use === 'read' || use === 'write' ? actions[use] : [...actions.write, ...actions.read],
    ...aliasedKey(system, bucket.site, 'vault', {
      StringEquals: {
        'kms:ViaService': `s3.${bucket.site.region}.${bucket.site.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
        'kms:EncryptionContext:aws:s3:arn': bucketArn(bucket.site, bucket.name),
      },
    }),
  };
}

/** Keys are named by their alias: their ids are in other stacks, one of them in another region. */
function aliasedKey(
  system: System,
  site: Site,
  purpose: KeyPurpose,
  conditions: Conditions = {},
): Pick<Statement, 'resources' | 'conditions' | 'why'> {
  return {
    resources: [arn(site, 'kms', 'key/*')],
    conditions: { ...conditions, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': system.keyAlias(purpose) } },
    why: 'The key is named by its alias, in the condition: no stack reads the id of a key in another stack or region.',
  };
}

export const useKey = (sid: string, system: System, site: Site, purpose: KeyPurpose, actions: string[]): Statement => ({
  sid,
  actions,
  ...aliasedKey(system, site, purpose),
});

/**
 * Opening envelopes, under exactly the context that they are sealed with.
 * @param keys undefined for any, those that left the plan too
 */
export function openEnvelopes(sid: string, system: System, site: Site, keys?: string[]): Statement {
  const { conditions, names } = envelopeConditions(system, keys);
  return {
    sid,
    actions: ['kms:Decrypt'],
    ...aliasedKey(system, site, 'escrow', { ...conditions, 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': names } }),
  };
}

/** Home's key makes the data key of an envelope, that of the second region only wraps it once more. */
export function sealEnvelopes(sid: string, system: System, site: Site): Statement {
  const { conditions, names } = envelopeConditions(
    system,
    system.keyAssets.map((key) => key.id),
  );
  return {
    sid,
    actions: [site === system.home ? 'kms:GenerateDataKey' : 'kms:Encrypt'],
    ...aliasedKey(system, site, 'escrow', { ...conditions, 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': names } }),
  };
}

export const describeEscrowKeys = (system: System, sites: Site[]): Statement[] =>
  sites.map((site, i) => useKey(`LookUpTheEscrowKey${i + 1}`, system, site, 'escrow', ['kms:DescribeKey']));

/** A secret, and its key when that is not the account's default. */
export function readSecrets(sid: string, system: System, secrets: string[], actions: string[]): Statement[] {
  const arns = [...new Set(secrets.map((secret) => secretArn(system.home, secret)))];
  const why = 'Secrets Manager ends the ARN of a secret with six random characters.';
  return [
    { sid, actions, resources: arns, why },
    {
      sid: `${sid}Key`,
      actions: ['kms:Decrypt'],
      resources: [arn(system.home, 'kms', 'key/*')],
      conditions: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${system.home.region}.amazonaws.com` },
        StringLike: { 'kms:EncryptionContext:SecretARN': arns },
      },
      why: 'The plan names the secret, not the key that it is encrypted under: the condition allows no other secret.',
    },
  ];
}

export const escrowKeyArn = (system: System, site: Site) => aliasArn(site, system.keyAlias('escrow'));
export const fingerprintKeyArn = (system: System, site: Site) => aliasArn(site, system.keyAlias('fingerprint'));
