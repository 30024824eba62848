import type { Construct } from 'constructs';
import { retentionPolicy } from '../../core/retention/policy.ts';
import { evidenceKey, expiryPlanKey, factKey, manifestKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import {
  bucketKey,
  deleteVersions,
  listObjects,
  putObjects,
  readLocks,
  readObjects,
  readPublicKeys,
  sweepUploads,
  tagVersions,
  vaultOf,
} from '../grants.ts';
import { lockTermsOf } from '../lock/construct.ts';
import { makeMachine } from '../machine.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { retentionWorkflow } from './workflow.ts';

/**
 * Expiry, beside one vault: over its own catalog, under roles of its own. Deciding and telling may delete nothing; what deletes may
 * write nothing but tombstones, and lock, sign and copy nothing.
 */
export function makeRetention(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const environment = { SYSTEM: name, VAULT_BUCKET: system.vaultBucket };
  const [catalog, data, plans] = [`catalog/${name}/`, `data/${name}/`, `retention/${name}/`];
  const [records, bytes] = [[`${catalog}*`], [`${data}*`]];
  const expiryPlans = [expiryPlanKey(name, '*', ANY_RUN)];
  const evidence = [evidenceKey(name, 'expiry', `${ANY_RUN}-*`)];
  const common = { system, settings, environment };

  makeFunction(stack, {
    ...common,
    handler: 'retention/list-assets',
    description: 'lists the assets whose points may expire',
    environment: { SYSTEM: name },
    statements: [],
  });
  makeFunction(stack, {
    ...common,
    handler: 'retention/decide-points',
    description: 'decides which points expire, and why',
    timeoutSeconds: 900,
    memoryMiB: 1024,
    statements: [
      listObjects('SeePoints', vault, [catalog, plans]),
      readObjects('ReadPoints', vault, [...records, ...expiryPlans]),
      ...readPublicKeys(name, vault),
      putObjects('WriteThePlan', vault, expiryPlans),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'retention/expire-points',
    description: 'writes tombstones, and deletes the versions of the points that expire',
    timeoutSeconds: 900,
    memoryMiB: 1024,
    statements: [
      listObjects('SeePoints', vault, [catalog, data]),
      readObjects('ReadPoints', vault, records),
      ...readPublicKeys(name, vault),
      // The head of an object says what an object holds, and takes the right to read it.
      readObjects('SeeBytes', vault, bytes),
      readLocks('SeeLocks', vault, [...records, ...bytes]),
      putObjects('SayThatItExpired', vault, [factKey(name, '*', '*', 'tombstone', ANY_RUN)]),
      deleteVersions('DeletePoints', vault, [...records, ...bytes]),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'retention/sweep-attempts',
    description: 'deletes attempts that became no point, and ends uploads that were given up',
    timeoutSeconds: 900,
    statements: [
      listObjects('SeeAttempts', vault, [catalog, data]),
      readObjects('ReadManifests', vault, [manifestKey(name, '*', '*')]),
      deleteVersions('DeleteAttempts', vault, bytes),
      ...sweepUploads(vault, bytes),
      bucketKey('VaultKey', system, vault, 'read'),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'retention/mark-cold',
    description: 'marks the data that moves to cold storage',
    timeoutSeconds: 900,
    memoryMiB: 1024,
    statements: [
      listObjects('SeePoints', vault, [catalog, data]),
      readObjects('ReadPoints', vault, records),
      ...readPublicKeys(name, vault),
      tagVersions('MarkData', vault, bytes),
      bucketKey('VaultKey', system, vault, 'read'),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'retention/write-evidence',
    description: 'writes what went, and why, as evidence',
    timeoutSeconds: 900,
    statements: [
      listObjects('SeeWhatIsLeft', vault, [catalog, plans, `evidence/${name}/`]),
      readObjects('ReadTombstones', vault, [factKey(name, '*', '*', 'tombstone', ANY_RUN), ...expiryPlans, ...evidence]),
      putObjects('WriteEvidence', vault, evidence),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  // From the replica nothing is copied.
  const copies = system.side === 'vault';
  makeMachine(stack, {
    system,
    settings,
    stage: 'retention',
    tasks: [],
    functions: [
      'retention/list-assets',
      'lock/find-due',
      'lock/hold-objects',
      'retention/decide-points',
      'retention/expire-points',
      'retention/sweep-attempts',
      'retention/mark-cold',
      'retention/write-evidence',
      'evidence/sign-objects',
      'lock/lock-objects',
      ...(copies ? (['copy/copy-records'] as const) : []),
      'backup/report-failure',
    ],
    statements: [
      { ...readObjects('ReadThePlan', vault, expiryPlans), actions: ['s3:GetObject'] },
      bucketKey('VaultKey', system, vault, 'read'),
    ],
    definition: retentionWorkflow({
      system: name,
      bucket: system.vaultBucket,
      policies: Object.fromEntries(system.postgresAssets.map((asset) => [asset.id, retentionPolicy(asset)])),
      locks: lockTermsOf(system),
      functions: {
        listAssets: system.functionArn('retention/list-assets'),
        findDue: system.functionArn('lock/find-due'),
        holdObjects: system.functionArn('lock/hold-objects'),
        decidePoints: system.functionArn('retention/decide-points'),
        expirePoints: system.functionArn('retention/expire-points'),
        sweepAttempts: system.functionArn('retention/sweep-attempts'),
        markCold: system.functionArn('retention/mark-cold'),
        writeEvidence: system.functionArn('retention/write-evidence'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(copies ? { copyRecords: system.functionArn('copy/copy-records') } : {}),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}
