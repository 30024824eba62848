/** Alarms, each with the heading of the runbook that says what to do (docs/runbook.md, section "Alarms"). */
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS_NAMESPACE, metricDimensions } from '../../core/metrics.ts';
import { describeAlarm } from '../../core/notify/alarm-description.ts';
import type { Stage } from '../../core/names.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import type { System } from '../system.ts';
import { deadLetterQueueName, scheduleGroupName } from './shared.ts';

/** Headings of the runbook, as their anchors. A test holds that each is there. */
const RUNBOOK_HEADINGS = {
  machineFailed: 'a-machine-failed',
  machineTimedOut: 'a-machine-timed-out',
  machineAborted: 'a-machine-was-stopped',
  notStarted: 'a-schedule-did-not-start-its-machine',
  noPoint: 'no-new-recovery-point',
  replicaLag: 'the-replica-is-behind',
  recordsDoNotFollow: 'records-do-not-follow',
  slotMissed: 'a-slot-was-missed',
  objectiveBroken: 'an-objective-is-broken',
  noData: 'no-data',
  clockDiffers: 'a-clock-differs',
  watcherSilent: 'the-watcher-is-silent',
  keyEndangered: 'a-kms-key-is-about-to-go',
  keysUnwatched: 'the-keys-are-not-watched',
  auditFindings: 'the-audit-found-something',
  noAudit: 'no-audit-ended',
  notTold: 'a-message-was-not-delivered',
} as const;

const FIVE_MINUTES = 300;
const HOUR_SECONDS = 3600;
/** CloudWatch looks back a week at most, with periods of an hour. */
const LONGEST_SILENCE_HOURS = 7 * 24;

type Alarm = {
  name: string;
  what: string;
  heading: keyof typeof RUNBOOK_HEADINGS;
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  statistic: 'Sum' | 'Maximum' | 'SampleCount';
  threshold?: number;
  comparison?: 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  periodSeconds?: number;
  periods?: number;
  /** What no data means: nothing wrong, something wrong, or what it meant before. */
  silence?: 'notBreaching' | 'breaching' | 'ignore';
};

/** Of the machines of a region, and of their schedules. */
export function makeAlarms(stack: Construct, system: System, stages: readonly Stage[]): void {
  for (const stage of stages) {
    const machine = { namespace: 'AWS/States', dimensions: { StateMachineArn: system.machineArn(stage) }, statistic: 'Sum' } as const;
    const name = system.machineName(stage);
    makeAlarm(stack, system, {
      ...machine,
      name: `${name}-failed`,
      metricName: 'ExecutionsFailed',
      heading: 'machineFailed',
      what: `A run of ${stage} failed`,
    });
    makeAlarm(stack, system, {
      ...machine,
      name: `${name}-timed-out`,
      metricName: 'ExecutionsTimedOut',
      heading: 'machineTimedOut',
      what: `A run of ${stage} took longer than the plan allows`,
    });
    makeAlarm(stack, system, {
      ...machine,
      name: `${name}-stopped`,
      metricName: 'ExecutionsAborted',
      heading: 'machineAborted',
      what: `Somebody stopped a run of ${stage}`,
    });
  }
  makeAlarm(stack, system, {
    name: `holdfast-${system.name}-not-started`,
    what: 'A schedule could not start its machine',
    heading: 'notStarted',
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: deadLetterQueueName(system) },
    statistic: 'Maximum',
  });
  makeAlarm(stack, system, {
    name: `holdfast-${system.name}-start-refused`,
    what: 'Starting a machine on schedule was refused',
    heading: 'notStarted',
    namespace: 'AWS/Scheduler',
    metricName: 'TargetErrorCount',
    dimensions: { ScheduleGroup: scheduleGroupName(system) },
    statistic: 'Sum',
  });
}

export const silenceAlarmName = (system: System, asset: string) => `holdfast-${system.name}-${asset}-no-point`;

export const makeSilenceAlarm = (stack: Construct, system: System, asset: PostgresAsset): void =>
  makeAlarm(stack, system, noPoint(system, asset));

/** Silence is the failure that no run reports: no point within what the plan promises, or has declared instead. */
function noPoint(system: System, asset: PostgresAsset): Alarm {
  const bounds = [...asset.gaps, ...system.plan.gaps].flatMap((gap) =>
    gap.objective === 'rpo' && gap.bound ? [durationSeconds(gap.bound)] : [],
  );
  const seconds = Math.max(durationSeconds(asset.objectives.rpo), ...bounds) + durationSeconds(asset.schedule.longestRun);
  const hours = Math.min(LONGEST_SILENCE_HOURS, Math.ceil(seconds / HOUR_SECONDS));
  return {
    name: silenceAlarmName(system, asset.id),
    what: `No recovery point of ${asset.id} was made in ${hours} hours`,
    heading: 'noPoint',
    namespace: METRICS_NAMESPACE,
    metricName: 'PointCommitted',
    dimensions: metricDimensions(system.name, asset.id),
    statistic: 'Sum',
    comparison: 'LessThanThreshold',
    periodSeconds: HOUR_SECONDS,
    periods: hours,
    silence: 'breaching',
  };
}

export function makeAlarm(stack: Construct, system: System, alarm: Alarm): void {
  const id = alarm.name.slice(`holdfast-${system.name}-`.length);
  new CfnAlarm(stack, `Alarm-${id}`, {
    alarmName: alarm.name,
    alarmDescription: describeAlarm(system.name, alarm.what, RUNBOOK_HEADINGS[alarm.heading]),
    namespace: alarm.namespace,
    metricName: alarm.metricName,
    dimensions: Object.entries(alarm.dimensions).map(([name, value]) => ({ name, value })),
    statistic: alarm.statistic,
    threshold: alarm.threshold ?? 1,
    comparisonOperator: alarm.comparison ?? 'GreaterThanOrEqualToThreshold',
    period: alarm.periodSeconds ?? FIVE_MINUTES,
    evaluationPeriods: alarm.periods ?? 1,
    datapointsToAlarm: alarm.periods ?? 1,
    treatMissingData: alarm.silence ?? 'notBreaching',
    alarmActions: [system.alarmTopicArn],
    okActions: [system.alarmTopicArn],
  });
}
