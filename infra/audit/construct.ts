import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import type { AuditedAsset, AuditedLogins } from '../../core/audit/contract.ts';
import { lockTermOf } from '../../core/lock/lock-terms.ts';
import { METRICS_NAMESPACE, systemDimensions } from '../../core/metrics.ts';
import type { KeyPurpose } from '../../core/names.ts';
import { durationDays } from '../../core/plan/durations.ts';
import { retentionPolicy } from '../../core/retention/policy.ts';
import { evidenceKey, keyWatchPrefix } from '../../core/vault/keys.ts';
import type { Json } from '../asl/definition.ts';
import { COPIES } from '../copy/sides.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, putObjects, readLocks, readObjects, readSettings, useKey, vaultOf } from '../grants.ts';
import { makeMachine } from '../machine.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { RECORD_PREFIXES } from '../record-prefixes.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import { strictestMode, type System } from '../system.ts';
import { loginsOf } from '../../core/watch/logins.ts';
import { lookAtLogins, lookAtSources, namesOfSources } from '../watch/sources.ts';
import { expectationOf } from './expectation.ts';
import { auditWorkflow } from './workflow.ts';

const DAY_SECONDS = 86_400;
const KEYS = ['vault', 'escrow', 'fingerprint', 'evidence'] as const satisfies KeyPurpose[];
const ASK_KEYS = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus'];

/**
 * The audit, beside one vault. What looks can write nothing; what tells can write nothing but the evidence of audits.
 * @param vaultStack the stack of that vault, as what the audit holds it to
 */
export function makeAudit(stack: Stack, system: System, settings: Settings, vaultStack: Stack): void {
  const { name } = system;
  const vault = vaultOf(system);
  const environment = { SYSTEM: name, SIDE: system.side, VAULT_BUCKET: system.vaultBucket };
  const common = { system, settings, environment };
  const evidence = [evidenceKey(name, 'audit', ANY_RUN)];
  const records = RECORD_PREFIXES.map((prefix) => `${prefix}/${name}/`);
  const data = `data/${name}/`;
  const seeSources = lookAtSources(system);

  makeFunction(stack, {
    ...common,
    handler: 'audit/begin-audit',
    description: 'says what an audit is about',
    environment: { SYSTEM: name },
    statements: [],
  });
  makeFunction(stack, {
    ...common,
    handler: 'audit/check-settings',
    description: 'compares buckets and keys with what was deployed',
    environment: { SYSTEM: name },
    statements: [
      readSettings('SeeBuckets', [vault, escrowOf(system)]),
      ...KEYS.map((purpose, i) => useKey(`SeeKey${i + 1}`, system, system.home, purpose, ASK_KEYS)),
      ...seeSources,
      ...lookAtLogins(system, loginsOf(system.plan, system.side), seeSources),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'audit/check-objects',
    description: 'compares points, records and evidence with what the plan says',
    environment: { ...environment, ESCROW_BUCKET: system.escrowBucket },
    timeoutSeconds: 900,
    memoryMiB: 1024,
    statements: [
      listObjects('SeeObjects', vault, [...records, data]),
      // The head of an object says how it is locked and encrypted, and takes the right to read it.
      readObjects(
        'SeeVersions',
        vault,
        [...records, data].map((prefix) => `${prefix}*`),
      ),
      readLocks(
        'SeeLocks',
        vault,
        [...records, data].map((prefix) => `${prefix}*`),
      ),
      bucketKey('VaultKey', system, vault, 'read'),
      listObjects('SeeEscrow', escrowOf(system), [`${name}/`, keyWatchPrefix(name)]),
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'audit/write-evidence',
    description: 'writes what an audit found as evidence, and tells of it',
    environment: { ...environment, REGION: system.home.region, PLAN_FILE: planFileOf(settings), ALARM_TOPIC_ARN: system.alarmTopicArn },
    statements: [
      listObjects('SeeEvidence', vault, [`evidence/${name}/`]),
      readObjects('ReadEvidence', vault, evidence),
      putObjects('WriteEvidence', vault, evidence),
      bucketKey('VaultKey', system, vault, 'read-write'),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
    ],
  });
  makeAuditMachine(stack, system, settings, vaultStack);
  makeAuditAlarms(stack, system);
}

function makeAuditMachine(stack: Stack, system: System, settings: Settings, vaultStack: Stack): void {
  const copies = COPIES[system.side];
  makeMachine(stack, {
    system,
    settings,
    stage: 'audit',
    tasks: [],
    functions: [
      'audit/begin-audit',
      'audit/check-settings',
      'audit/check-objects',
      'audit/write-evidence',
      'evidence/sign-objects',
      'lock/lock-objects',
      ...copies,
      'backup/report-failure',
    ],
    definition: auditWorkflow({
      system: system.name,
      // A token until everything is synthesized, which becomes plain JSON.
      expected: expectationOf(vaultStack, system.home) as unknown as Json,
      sources: sourcesOf(system),
      logins: auditedLogins(system),
      assets: system.postgresAssets.map((asset): AuditedAsset => ({
        asset: asset.id,
        term: lockTermOf(asset),
        policy: retentionPolicy(asset),
      })),
      evidence: { mode: strictestMode(system.plan), lengthDays: durationDays(system.plan.evidence.retention) },
      functions: {
        beginAudit: system.functionArn('audit/begin-audit'),
        checkSettings: system.functionArn('audit/check-settings'),
        checkObjects: system.functionArn('audit/check-objects'),
        writeEvidence: system.functionArn('audit/write-evidence'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(copies.length > 0 ? { copyRecords: system.functionArn('copy/copy-records') } : {}),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}

function sourcesOf(system: System) {
  const { secrets, parameters } = namesOfSources(system);
  return [
    ...secrets.map((name) => ({ store: 'secret' as const, name })),
    ...parameters.map((name) => ({ store: 'parameter' as const, name })),
  ];
}

function auditedLogins({ plan, side }: System): AuditedLogins {
  const logins = loginsOf(plan, side);
  const named = (isNeeded: boolean) => logins.filter((login) => login.isNeeded === isNeeded).map(({ secret }) => secret);
  return { needed: named(true), toCome: named(false) };
}

/** As whoever deploys writes it; where it lies on some machine is nobody's matter. */
function planFileOf({ plan }: Settings): string {
  const below = relative(process.cwd(), resolve(plan));
  return below.startsWith('..') || isAbsolute(below) ? basename(plan) : below;
}

function makeAuditAlarms(stack: Stack, system: System): void {
  const ofAudits = { namespace: METRICS_NAMESPACE, dimensions: systemDimensions(system.name), periodSeconds: DAY_SECONDS } as const;
  makeAlarm(stack, system, {
    ...ofAudits,
    name: `holdfast-${system.name}-audit-findings`,
    what: `The audit found that ${system.vaultBucket}, or what belongs to it, is not as the plan says`,
    heading: 'auditFindings',
    metricName: 'AuditFindings',
    statistic: 'Maximum',
  });
  makeAlarm(stack, system, {
    ...ofAudits,
    name: `holdfast-${system.name}-no-audit`,
    what: `No audit of ${system.vaultBucket} ended in two days`,
    heading: 'noAudit',
    metricName: 'AuditDone',
    statistic: 'Sum',
    comparison: 'LessThanThreshold',
    periods: 2,
    silence: 'breaching',
  });
}
