import type { Construct } from 'constructs';
import { durationSeconds } from '../../core/plan/durations.ts';
import { publicKeyKey, publicKeysPrefix } from '../../core/vault/keys.ts';
import { assetIds } from '../backup/construct.ts';
import { keyNeeds } from '../key-needs.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, readObjects, retrieveObjects, vaultOf } from '../grants.ts';
import { makeMachine } from '../machine.ts';
import type { TaskNetworks } from '../network.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { COPIES } from '../copy/sides.ts';
import { restoreWorkflow } from './workflow.ts';

/** A point into a new database beside its source: what it needs is checked before anything starts. */
export function makeRestore(stack: Construct, system: System, settings: Settings, networks: TaskNetworks<'restore'>): void {
  const vault = vaultOf(system);
  makeFunction(stack, {
    system,
    settings,
    handler: 'restore/check-request',
    description: 'checks what a restore is asked',
    environment: {
      SYSTEM: system.name,
      VAULT_BUCKET: system.vaultBucket,
      FROM: system.side,
      ASSETS: assetIds(system),
      ESCROW_BUCKET: system.escrowBucket,
      NEEDS: keyNeeds(system),
    },
    statements: [
      listObjects('SeePoints', vault, [`catalog/${system.name}/`, `chain/${system.name}/`, publicKeysPrefix(system.name)]),
      readObjects('ReadPoints', vault, [`catalog/${system.name}/*`, `chain/${system.name}/*`, publicKeyKey(system.name, '*')]),
      bucketKey('VaultKey', system, vault, 'read'),
      listObjects('SeeWhichKeysCanBeHad', escrowOf(system), [`${system.name}/`]),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'restore/retrieve-point',
    description: 'has the data of a point retrieved from cold storage',
    timeoutSeconds: 900,
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeData', vault, [`data/${system.name}/`]),
      // The head of an object says whether it was retrieved, and takes the right to read it; no key opens it here.
      retrieveObjects('Retrieve', vault, [`data/${system.name}/*`]),
    ],
  });
  makeMachine(stack, {
    system,
    settings,
    stage: 'restore',
    tasks: ['restore'],
    functions: [
      'restore/check-request',
      'restore/retrieve-point',
      'evidence/sign-objects',
      'lock/lock-objects',
      ...COPIES[system.side],
      'backup/report-failure',
    ],
    definition: restoreWorkflow({
      system: system.name,
      cluster: system.clusterArn,
      restoreNetwork: networks.restore,
      // The plan gives a drill as long as a restore may take: it is the same work.
      longestRuns: Object.fromEntries(system.postgresAssets.map((a) => [a.id, durationSeconds(a.drill.schedule.longestRun)])),
      functions: {
        retrievePoint: system.functionArn('restore/retrieve-point'),
        checkRequest: system.functionArn('restore/check-request'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(COPIES[system.side].length === 0 ? {} : { copyRecords: system.functionArn('copy/copy-records') }),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}
