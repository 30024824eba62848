/** What was written after a point's copy follows by an event of the vault; what no event brought is found once a day. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import type { CopyEnvironment } from '../../core/backup/contract.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { METRICS_NAMESPACE, metricDimensions } from '../../core/metrics.ts';
import { makeFunction } from '../function.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { keepFailedCalls } from '../pipeline/failed-calls.ts';
import { scheduleFunction } from '../pipeline/schedules.ts';
import { deadLetterQueueArn } from '../pipeline/shared.ts';
import type { Statement } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';

/** Lambda tries an event twice more, over six hours; the daily comparison brings what is lost even so. */
const LONGEST_EVENT_SECONDS = 6 * 3600;
const DAY_SECONDS = 86_400;
/** After the nightly backups of most plans, and before people look. */
const DAILY = { cron: '40 5 * * ? *', timeZone: 'UTC' };

type Parts = { environment: z.input<typeof CopyEnvironment>; statements: Statement[] };

export function makeFollow(stack: Construct, system: System, settings: Settings, { environment, statements }: Parts): void {
  const shared = { system, settings };
  const keepFailed: Statement = { sid: 'KeepWhatFailed', actions: ['sqs:SendMessage'], resources: [deadLetterQueueArn(system)] };
  makeFunction(stack, {
    ...shared,
    handler: 'copy/follow-record',
    description: 'copies one record to the replica when it is written',
    timeoutSeconds: 300,
    environment,
    statements: [...statements, keepFailed],
  });
  makeFunction(stack, {
    ...shared,
    handler: 'copy/follow-missing',
    description: 'compares the records of both vaults and copies what is missing',
    memoryMiB: 2048,
    // A listing of a million points of 200 assets takes some five minutes of it.
    timeoutSeconds: 900,
    environment: { ...environment, ASSETS: system.postgresAssets.map((a) => a.id).join(',') },
    statements: [...statements, keepFailed],
  });
  hearOfRecords(stack, system);
  for (const [handler, name] of [
    ['copy/follow-record', 'FollowRecord'],
    ['copy/follow-missing', 'FollowMissing'],
  ] as const)
    keepFailedCalls(stack, `${name}Tries`, system, {
      handler,

      oldestSeconds: LONGEST_EVENT_SECONDS,
      made: stack.node.findChild(`Copy${name}`),
    });
  scheduleFunction(stack, 'FollowSchedule', system, {
    name: 'follow',
    description: 'comparison of the records of both vaults',
    handler: 'copy/follow-missing',
    schedule: DAILY,
  });
  makeFollowAlarms(stack, system);
}

/** Data comes with its point; only records follow by themselves. */
function hearOfRecords(stack: Construct, system: System): void {
  const name = `holdfast-${system.name}-records`;
  const target = system.functionArn('copy/follow-record');
  const rule = new CfnRule(stack, 'RecordsWritten', {
    name,
    description: `Holdfast ${system.name}: a record was written into the vault`,
    eventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [system.vaultBucket] },
        object: { key: ['catalog', 'evidence'].map((prefix) => ({ prefix: `${prefix}/${system.name}/` })) },
      },
    },
    targets: [{ id: 'follow', arn: target }],
  });
  const allowed = new CfnPermission(stack, 'RecordsWrittenMayCall', {
    action: 'lambda:InvokeFunction',
    functionName: target,
    principal: 'events.amazonaws.com',
    sourceArn: arn(system.home, 'events', `rule/${name}`),
  });
  for (const made of [rule, allowed]) made.node.addDependency(stack.node.findChild('CopyFollowRecord'));
}

export const lagAlarmName = (system: System, asset: string) => `holdfast-${system.name}-${asset}-replica-lag`;

/** Of one asset. */
export function makeLagAlarm(stack: Construct, system: System, asset: PostgresAsset): void {
  const seconds = durationSeconds(asset.objectives.rpo) + durationSeconds(asset.schedule.longestRun);
  makeAlarm(stack, system, {
    name: lagAlarmName(system, asset.id),
    what: `A point of ${asset.id} was not in the replica ${Math.ceil(seconds / 3600)} hours after it was made`,
    heading: 'replicaLag',
    namespace: METRICS_NAMESPACE,
    metricName: 'ReplicaLag',
    dimensions: metricDimensions(system.name, asset.id),
    statistic: 'Maximum',
    threshold: seconds,
    periodSeconds: DAY_SECONDS,
  });
}

function makeFollowAlarms(stack: Construct, system: System): void {
  for (const handler of ['copy/follow-record', 'copy/follow-missing'] as const) {
    const name = system.functionRole(handler);
    makeAlarm(stack, system, {
      name: `${name}-failed`,
      what:
        handler === 'copy/follow-record'
          ? 'A record could not be copied to the replica'
          : 'The records of both vaults could not be compared',
      heading: 'recordsDoNotFollow',
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: { FunctionName: name },
      statistic: 'Sum',
    });
  }
}
