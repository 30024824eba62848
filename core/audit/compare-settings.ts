/** Compares buckets and keys with what the plan says of them. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { comparePolicies } from './compare-policy.ts';
import { VAULT_KEY_PLACEHOLDER, type ExpectedBucket, type ExpectedKey, type LifecycleRule, type PolicyDocument } from './expectation.ts';
import type { SettingsFinding } from './findings.ts';
import type { ObservedBucket, ObservedKey } from './observation.ts';

/** @param vaultKeyArn the key that the vault's alias names; undefined when there is none, which is a finding of its own */
export function compareBucket(
  expected: ExpectedBucket,
  found: ObservedBucket | undefined,
  vaultKeyArn: string | undefined,
): SettingsFinding[] {
  const { bucket, stack } = expected;
  const of = { bucket, stack };
  if (found === undefined) return [{ kind: 'bucket-missing', ...of }];
  const findings: SettingsFinding[] = [];
  if (found.versioning !== 'enabled') findings.push({ kind: 'versioning-off', ...of, found: found.versioning });
  findings.push(...compareDefaultLock(expected, found.objectLock));
  const encryption = expected.encryption === 's3' ? 'AES256' : describeEncryption('aws:kms', vaultKeyArn);
  const foundEncryption = describeEncryption(found.encryption.algorithm, found.encryption.keyArn);
  // Without its key there is nothing to compare with.
  if ((expected.encryption === 's3' || vaultKeyArn !== undefined) && foundEncryption !== encryption)
    findings.push({ kind: 'bucket-encryption-differs', ...of, found: foundEncryption, expected: encryption });
  if (found.openToThePublic.length > 0) findings.push({ kind: 'public-access-open', ...of, settings: found.openToThePublic });
  if (!found.isOwnerEnforced) findings.push({ kind: 'ownership-shared', ...of });
  const rules = compareLifecycle(expected.lifecycle, found.lifecycle);
  if (rules.length > 0) findings.push({ kind: 'lifecycle-changed', ...of, rules });
  if (found.policy === undefined) findings.push({ kind: 'bucket-policy-missing', ...of });
  else {
    const change = comparePolicies(withVaultKey(expected.policy, vaultKeyArn), found.policy);
    if (change) findings.push({ kind: 'bucket-policy-changed', ...of, ...change });
  }
  return findings;
}

export const describeEncryption = (algorithm: string, keyArn?: string): string =>
  keyArn === undefined ? algorithm : `${algorithm} under ${keyArn}`;

function compareDefaultLock({ bucket, stack, defaultLock }: ExpectedBucket, found: ObservedBucket['objectLock']): SettingsFinding[] {
  const of = { bucket, stack };
  if (found === undefined) return [{ kind: 'object-lock-off', ...of }];
  if (found.defaultLock === undefined) return [{ kind: 'default-lock-missing', ...of, ...defaultLock }];
  if (isDeepStrictEqual(found.defaultLock, defaultLock)) return [];
  const { mode: foundMode, days: foundDays } = found.defaultLock;
  return [{ kind: 'default-lock-differs', ...of, ...defaultLock, foundMode, foundDays }];
}

/** Names of rules that are gone, are others than they were, or were not there: one that expires objects hides every point. */
function compareLifecycle(expected: readonly LifecycleRule[], found: readonly LifecycleRule[]): string[] {
  const [wanted, there] = [expected, found].map((rules) => new Map(rules.map((rule) => [rule.ID, rule])));
  const names = new Set([...(wanted?.keys() ?? []), ...(there?.keys() ?? [])]);
  return [...names].filter((name) => !isDeepStrictEqual(wanted?.get(name), there?.get(name)));
}

const withVaultKey = (policy: PolicyDocument, vaultKeyArn: string | undefined): PolicyDocument =>
  JSON.parse(JSON.stringify(policy).replaceAll(VAULT_KEY_PLACEHOLDER, vaultKeyArn ?? VAULT_KEY_PLACEHOLDER)) as PolicyDocument;

export function compareKey({ alias, stack, rotates, policy }: ExpectedKey, found: ObservedKey | undefined): SettingsFinding[] {
  if (found === undefined) return [{ kind: 'key-missing', alias, stack }];
  const of = { alias, stack, keyArn: found.keyArn };
  const findings: SettingsFinding[] = [...compareState(of, found)];
  // What is disabled or about to go is not asked how it rotates: KMS tells it no more.
  if (rotates && !found.rotates && findings.length === 0) findings.push({ kind: 'key-rotation-off', ...of });
  if (policy !== undefined) {
    const change = comparePolicies(policy, found.policy ?? { Statement: [] });
    if (change) findings.push({ kind: 'key-policy-changed', ...of, ...change });
  }
  return findings;
}

function compareState(of: { alias: string; stack: string; keyArn: string }, { state, deletionAt }: ObservedKey): SettingsFinding[] {
  switch (state) {
    case 'Enabled':
      return [];
    case 'Disabled':
      return [{ kind: 'key-disabled', ...of }];
    case 'PendingDeletion':
      return [{ kind: 'key-deletion-scheduled', ...of, ...(deletionAt === undefined ? {} : { deletionAt: deletionAt.toISOString() }) }];
    default:
      return [{ kind: 'key-unusable', ...of, state }];
  }
}
