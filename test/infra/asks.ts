/** Asking the synthesized policies of one system: identity policy of the role, and the policy of the bucket or key. */
import { bucketPolicy, keyPolicy, rolePolicy, ACCOUNT, type Synthesized } from './synthesized.ts';
import { decide, type Decision, type PolicyDocument, type Request } from './policy-matcher.ts';

export const HOME = 'eu-central-1';
export const REPLICA = 'eu-west-1';
export type BucketKind = 'vault' | 'replica' | 'escrow' | 'replica-escrow';
export type KeyKind = 'vault' | 'escrow' | 'fingerprint' | 'evidence';
type Context = Request['context'];

/** What identity grants to somebody with every right in the account, and to the role that CloudFormation deploys under. */
const EVERYTHING: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

const KEY_IDS = { vault: 'VaultKey', escrow: 'EscrowKey', fingerprint: 'FingerprintKey', evidence: 'EvidenceKey' } as const;

export function askOf(system: string, s: Synthesized) {
  const templates = [s.vault, s.replicaVault, s.pipeline, s.recovery];
  const buckets = {
    vault: { name: `holdfast-${system}-vault-${ACCOUNT}-${HOME}`, template: s.vault },
    replica: { name: `holdfast-${system}-replica-${ACCOUNT}-${REPLICA}`, template: s.replicaVault },
    escrow: { name: `holdfast-${system}-escrow-${ACCOUNT}-${HOME}`, template: s.vault },
    'replica-escrow': { name: `holdfast-${system}-escrow-${ACCOUNT}-${REPLICA}`, template: s.replicaVault },
  } satisfies Record<BucketKind, unknown>;
  const principal = (role: string) => `arn:aws:iam::${ACCOUNT}:role/${role}`;
  const identityOf = (role: string) => (role === 'admin' || role.startsWith('cdk-') ? EVERYTHING : rolePolicy(templates, role));
  const bucketOf = (kind: BucketKind) => ({
    arn: `arn:aws:s3:::${buckets[kind].name}`,
    policy: bucketPolicy(buckets[kind].template, buckets[kind].name),
  });
  /** What S3 says of a plain write that is made once. */
  const once = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };

  return {
    object(role: string, action: string, kind: BucketKind, key: string, context: Context = once): Decision {
      const { arn, policy } = bucketOf(kind);
      return decide(
        { principal: principal(role), action, resource: `${arn}/${key}`, context },
        { identity: identityOf(role), resource: policy },
      );
    },
    list(role: string, kind: BucketKind, prefix: string | undefined, action = 's3:ListBucketVersions'): Decision {
      const { arn, policy } = bucketOf(kind);
      const context: Context = prefix === undefined ? undefined : { 's3:prefix': prefix };
      return decide({ principal: principal(role), action, resource: arn, context }, { identity: identityOf(role), resource: policy });
    },
    key(role: string, action: string, kind: KeyKind, region: string, context: Context = {}): Decision {
      const template = region === HOME ? s.vault : s.replicaVault;
      return decide(
        {
          principal: principal(role),
          action,
          resource: `arn:aws:kms:${region}:${ACCOUNT}:key/${KEY_IDS[kind]}`,
          context: { 'kms:ResourceAliases': [`alias/holdfast/${system}/${kind}`], ...context },
        },
        { identity: identityOf(role), resource: keyPolicy(template, KEY_IDS[kind]) },
      );
    },
    /** Anything that has no policy of its own. */
    other(role: string, action: string, resource: string, context: Context = {}): Decision {
      return decide({ principal: principal(role), action, resource, context }, { identity: identityOf(role) });
    },
  };
}

/** How S3 asks KMS for a bucket's key. */
export const throughS3 = (bucket: string, region: string) => ({
  'kms:ViaService': `s3.${region}.amazonaws.com`,
  'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${bucket}`,
  'kms:EncryptionContextKeys': ['aws:s3:arn'],
});

export const envelope = (system: string, key: string, more: Record<string, string> = {}) => {
  const context: Record<string, string> = { 'holdfast:system': system, 'holdfast:key': key, 'holdfast:purpose': 'escrow', ...more };
  return {
    ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    'kms:EncryptionContextKeys': Object.keys(context),
  };
};
