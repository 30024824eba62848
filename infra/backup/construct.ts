import type { Construct } from 'constructs';
import { runsPrefix } from '../../core/vault/keys.ts';
import type { TaskNetworks } from '../network.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import { lockTermsOf } from '../lock/construct.ts';
import { makeMachine } from '../machine.ts';
import type { Settings } from '../settings.ts';
import { arn, longestBackupRuns, type System } from '../system.ts';
import { stateMachineName } from '../../core/names.ts';
import { backupWorkflow } from './workflow.ts';

/** Admission, reports of failure, and the machine that makes recovery points. */
export function makeBackup(stack: Construct, system: System, settings: Settings, networks: TaskNetworks<'dump' | 'verify'>): void {
  const vault = vaultOf(system);
  makeFunction(stack, {
    system,
    settings,
    handler: 'backup/admit-slot',
    description: 'admits one run to a slot, to make its point or to finish it',
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, ASSETS: assetIds(system) },
    statements: [
      listObjects('SeeClaimsAndPoints', vault, [`runs/${system.name}/`, `catalog/${system.name}/`]),
      readObjects('ReadClaims', vault, [`${runsPrefix(system.name, '*', '*')}*`]),
      putObjects('Claim', vault, [`${runsPrefix(system.name, '*', '*')}*`]),
      bucketKey('VaultKey', system, vault, 'read-write'),
      {
        sid: 'AskWhetherARunIsOver',
        actions: ['states:DescribeExecution'],
        resources: [arn(system.home, 'states', `execution:${stateMachineName(system.name, 'backup')}:*`)],
        why: 'Executions are named when they start.',
      },
    ],
  });
  makeMachine(stack, {
    system,
    settings,
    stage: 'backup',
    tasks: ['dump', 'verify'],
    functions: [
      'backup/admit-slot',
      'backup/report-failure',
      'lock/lock-objects',
      'copy/plan-copy',
      'copy/copy-parts',
      'copy/complete-copy',
      'copy/copy-records',
      'evidence/sign-objects',
      'record/record-point',
    ],
    definition: backupWorkflow({
      system: system.name,
      cluster: system.clusterArn,
      dumpNetwork: networks.dump,
      verifyNetwork: networks.verify,
      longestRuns: longestBackupRuns(system),
      locks: lockTermsOf(system),
      functions: {
        admitSlot: system.functionArn('backup/admit-slot'),
        reportFailure: system.functionArn('backup/report-failure'),
        lockObjects: system.functionArn('lock/lock-objects'),
        planCopy: system.functionArn('copy/plan-copy'),
        copyParts: system.functionArn('copy/copy-parts'),
        completeCopy: system.functionArn('copy/complete-copy'),
        copyRecords: system.functionArn('copy/copy-records'),
        signObjects: system.functionArn('evidence/sign-objects'),
        recordPoint: system.functionArn('record/record-point'),
      },
    }),
  });
}

export const assetIds = (system: System) => system.postgresAssets.map((a) => a.id).join(',');
