import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stackName } from '../../core/names.ts';
import { COPIERS, RECORD_COPIERS, UPLOADERS } from '../copy/copiers.ts';
import { makeBreakGlass } from '../people/break-glass.ts';
import { recoverySystem } from '../recovery/system.ts';
import { RETENTION_DELETERS } from '../retention/deleters.ts';
import type { Settings } from '../settings.ts';
import { longestLocks, strictestMode, type System } from '../system.ts';
import { makeBucket } from '../vault/bucket.ts';
import { makeKey } from '../vault/keys.ts';
import { plainLifecycle, vaultLifecycle } from '../vault/lifecycle.ts';
import { ESCROW_LOCK_DAYS, FIRST_LOCK_DAYS } from '../vault/lock-lengths.ts';
import { recordWriters } from '../vault/record-writers.ts';

const READ = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectRetention', 's3:ListBucket', 's3:ListBucketVersions'];
const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];

/** The second region's vault, escrow bucket and keys: the same as at home, with keys of its own. */
export class ReplicaVaultStack extends Stack {
  constructor(scope: Construct, system: System, settings: Settings, props: StackProps) {
    super(scope, stackName(system.name, 'replica-vault'), {
      ...props,
      stackName: stackName(system.name, 'replica-vault'),
      description: `Holdfast ${system.name}: replica vault, escrow bucket and keys`,
      terminationProtection: true,
    });
    const site = system.replica;
    const keyOf = { system, site, qualifier: settings.qualifier };
    const keyArn = makeKey(this, { ...keyOf, purpose: 'vault', existingKeyArn: settings.replicaVaultKeyArn });
    for (const purpose of ['escrow', 'fingerprint', 'evidence'] as const) makeKey(this, { ...keyOf, purpose });

    const longest = longestLocks(system.plan);
    const recovery = recoverySystem(system);
    const copiers = COPIERS.map(system.functionRole);
    makeBucket(this, 'ReplicaBucket', {
      system,
      site,
      name: system.replicaBucket,
      lockers: [...copiers.map(system.roleArn), recovery.roleArn(recovery.functionRole('lock/lock-objects'))],
      holders: [recovery.roleArn(recovery.functionRole('lock/hold-objects'))],
      deleters: RETENTION_DELETERS.map((handler) => recovery.roleArn(recovery.functionRole(handler))),
      taggers: [recovery.roleArn(recovery.functionRole('retention/mark-cold'))],
      writers: recordWriters(recovery, RECORD_COPIERS.map(system.functionRole).map(system.roleArn)),
      approvals: recovery,
      lifecycle: vaultLifecycle(system),
      freePrefix: 'data/',
      longestLock: longest,
      keyArn,
      defaultLock: { mode: strictestMode(system.plan), days: FIRST_LOCK_DAYS },
      grantsToOtherAccount: [
        { roles: copiers, actions: READ },
        { roles: copiers, actions: [...WRITE, 's3:PutObjectRetention'] },
        // Unfinished uploads are found, and taken up again or ended.
        { roles: UPLOADERS.map(system.functionRole), actions: ['s3:ListBucketMultipartUploads'] },
      ],
    });
    const escrow = (['escrow/escrow-version', 'escrow/read-back', 'escrow/record-proof'] as const).map(system.functionRole);
    const lookers = (
      ['escrow/list-versions', 'escrow/write-evidence', 'escrow/list-older', 'escrow/renew-locks', 'escrow/guard-rotation'] as const
    ).map(system.functionRole);
    makeBucket(this, 'ReplicaEscrowBucket', {
      system,
      site,
      name: system.replicaEscrowBucket,
      lockers: [system.roleArn(system.functionRole('escrow/renew-locks'))],
      holders: [],
      deleters: [],
      taggers: [],
      keyWatch: recovery.roleArn(recovery.functionRole('watch/watch-keys')),
      lifecycle: plainLifecycle(),
      longestLock: { days: Math.max(longest.days, ESCROW_LOCK_DAYS) },
      defaultLock: { mode: 'compliance', days: ESCROW_LOCK_DAYS },
      grantsToOtherAccount: [
        { roles: [...escrow, ...lookers], actions: READ },
        { roles: escrow, actions: WRITE },
        { roles: [system.functionRole('escrow/renew-locks')], actions: ['s3:GetObjectRetention', 's3:PutObjectRetention'] },
      ],
    });
    // In one account the role of the vault stack serves both regions: its name is the account's.
    if (site.account !== system.home.account) makeBreakGlass(this, system, site);
    new CfnOutput(this, 'Vault', { value: system.replicaBucket, description: 'Bucket of the replicated recovery points' });
    new CfnOutput(this, 'Escrow', { value: system.replicaEscrowBucket, description: 'Bucket of the escrowed keys' });
  }
}
