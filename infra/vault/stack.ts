import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stackName } from '../../core/names.ts';
import { makeBreakGlass } from '../people/break-glass.ts';
import type { Settings } from '../settings.ts';
import { longestLocks, strictestMode, type System } from '../system.ts';
import { makeBucket } from './bucket.ts';
import { RETENTION_DELETERS } from '../retention/deleters.ts';
import { makeKey } from './keys.ts';
import { plainLifecycle, vaultLifecycle } from './lifecycle.ts';
import { ESCROW_LOCK_DAYS, FIRST_LOCK_DAYS } from './lock-lengths.ts';
import { recordWriters } from './record-writers.ts';

/** The home region's vault, escrow bucket and keys. Nothing in it is ever deleted by CloudFormation. */
export class VaultStack extends Stack {
  constructor(scope: Construct, system: System, settings: Settings, props: StackProps) {
    super(scope, stackName(system.name, 'vault'), {
      ...props,
      stackName: stackName(system.name, 'vault'),
      description: `Holdfast ${system.name}: vault, escrow bucket and keys`,
      terminationProtection: true,
    });
    const site = system.home;
    const keyOf = { system, site, qualifier: settings.qualifier };
    const keyArn = makeKey(this, { ...keyOf, purpose: 'vault', existingKeyArn: settings.vaultKeyArn });
    for (const purpose of ['escrow', 'fingerprint', 'evidence'] as const) makeKey(this, { ...keyOf, purpose });

    const longest = longestLocks(system.plan);
    makeBucket(this, 'VaultBucket', {
      system,
      site,
      name: system.vaultBucket,
      lockers: [system.roleArn(system.functionRole('lock/lock-objects'))],
      holders: [system.roleArn(system.functionRole('lock/hold-objects'))],
      deleters: RETENTION_DELETERS.map((handler) => system.roleArn(system.functionRole(handler))),
      taggers: [system.roleArn(system.functionRole('retention/mark-cold'))],
      writers: recordWriters(system, []),
      approvals: system,
      lifecycle: vaultLifecycle(system),
      sendsEvents: true,
      freePrefix: 'data/',
      longestLock: longest,
      keyArn,
      defaultLock: { mode: strictestMode(system.plan), days: FIRST_LOCK_DAYS },
    });
    makeBucket(this, 'EscrowBucket', {
      system,
      site,
      name: system.escrowBucket,
      lockers: [system.roleArn(system.functionRole('escrow/renew-locks'))],
      holders: [],
      deleters: [],
      taggers: [],
      keyWatch: system.roleArn(system.functionRole('watch/watch-keys')),
      lifecycle: plainLifecycle(),
      longestLock: { days: Math.max(longest.days, ESCROW_LOCK_DAYS) },
      defaultLock: { mode: 'compliance', days: ESCROW_LOCK_DAYS },
    });
    makeBreakGlass(this, system, site);
    new CfnOutput(this, 'Vault', { value: system.vaultBucket, description: 'Bucket of the recovery points' });
    new CfnOutput(this, 'Escrow', { value: system.escrowBucket, description: 'Bucket of the escrowed keys' });
  }
}
