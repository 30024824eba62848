import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { KeyPurpose } from '../../core/names.ts';
import { COPIERS } from '../copy/copiers.ts';
import type { HandlerPath } from '../handlers.ts';
import type { Site, System } from '../system.ts';
import { policyDocument, type ResourceStatement } from '../policy.ts';
import { escrowKey, evidenceKey, fingerprintKey, guardedKey, otherAccount } from './key-policies.ts';

/** The longest window that KMS has: time to notice that a key is about to go. */
const DELETION_WINDOW = Duration.days(30);

const SPECS = {
  vault: {
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
    enableKeyRotation: true,
    description: 'encrypts the objects of the vault',
  },
  escrow: {
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
    enableKeyRotation: true,
    description: 'encrypts the envelopes of escrowed keys',
  },
  fingerprint: { keySpec: 'HMAC_256', keyUsage: 'GENERATE_VERIFY_MAC', description: 'makes the fingerprints of escrowed keys' },
  evidence: { keySpec: 'ECC_NIST_P256', keyUsage: 'SIGN_VERIFY', description: 'signs manifests, links, facts and evidence' },
} as const satisfies Record<KeyPurpose, { keySpec: string; keyUsage: string; description: string; enableKeyRotation?: boolean }>;

const OWN_STATEMENTS: Record<KeyPurpose, (system: System, site: Site) => ResourceStatement[]> = {
  vault: () => [],
  escrow: escrowKey,
  fingerprint: fingerprintKey,
  evidence: evidenceKey,
};

const LOGICAL_IDS = {
  vault: 'VaultKey',
  escrow: 'EscrowKey',
  fingerprint: 'FingerprintKey',
  evidence: 'EvidenceKey',
} as const satisfies Record<KeyPurpose, string>;

/**
 * One key and its alias.
 * @param existingKeyArn a key that is there already: it gets the alias, and keeps its owner's policy
 * @returns ARN of the key
 */
export function makeKey(
  stack: Construct,
  props: { system: System; site: Site; purpose: KeyPurpose; qualifier: string; existingKeyArn?: string | undefined },
): string {
  const { system, site, purpose } = props;
  const aliasName = system.keyAlias(purpose);
  const id = LOGICAL_IDS[purpose];
  if (props.existingKeyArn !== undefined) {
    retain(new CfnAlias(stack, `${id}Alias`, { aliasName, targetKeyId: props.existingKeyArn }));
    return props.existingKeyArn;
  }
  const { description, ...spec } = SPECS[purpose];
  const key = new CfnKey(stack, id, {
    ...spec,
    description: `Holdfast ${system.name}: ${description}`,
    pendingWindowInDays: DELETION_WINDOW.toDays(),
    keyPolicy: policyDocument([
      ...guardedKey(system, site, props.qualifier),
      ...OWN_STATEMENTS[purpose](system, site),
      ...otherAccount(system, site, rolesOfOtherAccounts(system, purpose), ACTIONS_OF_OTHER_ACCOUNTS[purpose]),
    ]),
  });
  retain(key);
  retain(new CfnAlias(stack, `${id}Alias`, { aliasName, targetKeyId: key.attrKeyId }));
  return key.attrArn;
}

const retain = (resource: CfnKey | CfnAlias) => resource.applyRemovalPolicy(RemovalPolicy.RETAIN);

const ACTIONS_OF_OTHER_ACCOUNTS: Record<KeyPurpose, string[]> = {
  vault: ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'],
  escrow: ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'],
  fingerprint: ['kms:GenerateMac'],
  evidence: [],
};

/** Of the home account, in the replica's: it copies and escrows there. Whatever restores from there is of that account itself. */
const HANDLERS_OF_OTHER_ACCOUNTS: Record<KeyPurpose, readonly HandlerPath[]> = {
  vault: COPIERS,
  // The last of them only asks which key the alias names.
  escrow: ['escrow/escrow-version', 'escrow/read-back', 'escrow/list-older'],
  fingerprint: ['escrow/escrow-version', 'escrow/read-back'],
  evidence: [],
};
const rolesOfOtherAccounts = (system: System, purpose: KeyPurpose): string[] =>
  HANDLERS_OF_OTHER_ACCOUNTS[purpose].map(system.functionRole);
