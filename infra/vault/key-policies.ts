/**
 * Key policies. The account delegates to its identity policies; what no identity policy may ever grant is denied here. Roles are
 * in other stacks and in another region, so they are named by `aws:PrincipalArn`.
 */
import { envelopeContext } from '../../core/escrow/contract.ts';
import { recoverySystem } from '../recovery/system.ts';
import { roleArn, type Site, type System } from '../system.ts';
import type { HandlerPath } from '../handlers.ts';
import type { Conditions, ResourceStatement } from '../policy.ts';

/** For every key. `qualifier` names the role that CloudFormation works under, which KMS wants to be able to change the policy. */
export function guardedKey(system: System, site: Site, qualifier: string): ResourceStatement[] {
  const breakGlass = roleArn(site, system.humanRole('break-glass'));
  const deployer = roleArn(site, `cdk-${qualifier}-cfn-exec-role-${site.account}-${site.region}`);
  return [
    {
      sid: 'DelegateToIdentityPolicies',
      principal: { AWS: `arn:${site.partition}:iam::${site.account}:root` },
      actions: ['kms:*'],
      resources: ['*'],
    },
    {
      sid: 'OnlyBreakGlassEndsKeys',
      effect: 'Deny',
      principal: '*',
      actions: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
      resources: ['*'],
      conditions: { ArnNotLike: { 'aws:PrincipalArn': [breakGlass] } },
    },
    {
      sid: 'OnlyBreakGlassAndDeploymentsChangePolicies',
      effect: 'Deny',
      principal: '*',
      actions: ['kms:PutKeyPolicy'],
      resources: ['*'],
      conditions: { ArnNotLike: { 'aws:PrincipalArn': [breakGlass, deployer] } },
    },
    {
      // Roles are granted the keys that have the system's aliases: whoever moves an alias chooses the key that they use, and whoever gives
      // a key the alias of another system hands it to that system's roles.
      sid: 'OnlyBreakGlassAndDeploymentsMoveAliases',
      effect: 'Deny',
      principal: '*',
      actions: ['kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias'],
      resources: ['*'],
      conditions: { ArnNotLike: { 'aws:PrincipalArn': [breakGlass, deployer] } },
    },
    { sid: 'NoGrantsPastThisPolicy', effect: 'Deny', principal: '*', actions: ['kms:CreateGrant'], resources: ['*'] },
  ];
}

/** Roles of the home account that use a key in the replica's account: without this, an identity policy there is not enough. */
export function otherAccount(system: System, site: Site, roles: string[], actions: string[]): ResourceStatement[] {
  if (site.account === system.home.account || roles.length === 0) return [];
  return [
    {
      sid: 'LetTheHomeAccountsRoles',
      principal: { AWS: `arn:${system.home.partition}:iam::${system.home.account}:root` },
      actions,
      resources: ['*'],
      conditions: { ArnLike: { 'aws:PrincipalArn': roles.map(system.roleArn) } },
    },
  ];
}

/** The system as the region of a key has it. */
const systemAt = (system: System, site: Site) => (site === system.home ? system : recoverySystem(system));

/** Roles that open an envelope: the read-back, and the drills of the region, which open a canary with the escrowed key. */
function envelopeReaders(system: System, site: Site): string[] {
  const own = systemAt(system, site);
  return [
    system.roleArn(system.functionRole('escrow/read-back')),
    ...system.postgresAssets.map((a) => own.roleArn(own.taskRole(a.id, 'drill'))),
  ];
}

/**
 * What an envelope's context holds. The Encryption SDK adds nothing to it: envelopes carry no signature of their own.
 * @param keys undefined for any: one that left the plan is needed for as long as there are points of before
 */
export function envelopeConditions(system: System, keys: string[] | undefined): { names: string[]; conditions: Conditions } {
  const context = Object.entries(envelopeContext(system.name, ANY)).map(([name, value]) => ({ name, value, field: contextField(name) }));
  const fixed = context.filter(({ value }) => value !== ANY).map(({ field, value }) => [field, [value]]);
  const ofKeys = context.filter(({ value }) => value === ANY).map(({ field }) => [field, keys ?? [ANY]]);
  return {
    names: context.map(({ name }) => name),
    conditions:
      keys === undefined
        ? { StringEquals: Object.fromEntries(fixed), StringLike: Object.fromEntries(ofKeys) }
        : { StringEquals: Object.fromEntries([...fixed, ...ofKeys]) },
  };
}

/** Something: of a condition that denies, what is missing is none. */
const ANY = '?*';
const contextField = (name: string) => `kms:EncryptionContext:${name}`;

/** Decryption by two kinds of role, and by those only under exactly the context of an envelope. */
export function escrowKey(system: System, site: Site): ResourceStatement[] {
  const { names, conditions } = envelopeConditions(system, undefined);
  const denied = (sid: string, conditions: Conditions): ResourceStatement => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: ['kms:Decrypt', 'kms:ReEncryptFrom'],
    resources: ['*'],
    conditions,
  });
  return [
    denied('OnlyReadBackAndDrillOpenEnvelopes', { ArnNotLike: { 'aws:PrincipalArn': envelopeReaders(system, site) } }),
    ...Object.entries(conditions['StringEquals'] ?? {}).map(([field, values], i) =>
      denied(`NothingButEnvelopes${i + 1}`, { StringNotEquals: { [field]: values } }),
    ),
    denied('NothingWithoutAKey', { StringNotLike: conditions['StringLike'] ?? {} }),
    denied('NothingBesidesTheContext', { 'ForAnyValue:StringNotEquals': { 'kms:EncryptionContextKeys': names } }),
  ];
}

/** What each other key does beside the vault's, and the roles that may have it done. */
const onlyRoles = (system: System, sid: string, actions: string[], handlers: HandlerPath[]): ResourceStatement => ({
  sid,
  effect: 'Deny',
  principal: '*',
  actions,
  resources: ['*'],
  conditions: { ArnNotLike: { 'aws:PrincipalArn': handlers.map((h) => system.roleArn(system.functionRole(h))) } },
});

/**
 * Whoever can take a fingerprint, or compare one, can test guesses of a key against it: a guess is a call that the trail keeps. A
 * custodian compares what an offline file holds.
 */
export const fingerprintKey = (system: System): ResourceStatement[] => [
  onlyRoles(system, 'OnlyEscrowTakesFingerprints', ['kms:GenerateMac'], ['escrow/escrow-version', 'escrow/read-back']),
  {
    sid: 'OnlyCustodiansCompareFingerprints',
    effect: 'Deny',
    principal: '*',
    actions: ['kms:VerifyMac'],
    resources: ['*'],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': [system.roleArn(system.humanRole('custodian'))] } },
  },
];

export const evidenceKey = (system: System, site: Site): ResourceStatement[] => [
  onlyRoles(systemAt(system, site), 'OnlyTheSignerSigns', ['kms:Sign'], ['evidence/sign-objects']),
];
