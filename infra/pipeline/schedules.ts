import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { z } from 'zod';
import type { BackupInput } from '../../core/backup/contract.ts';
import type { DrillInput } from '../../core/drill/contract.ts';
import type { EscrowInput } from '../../core/escrow/contract.ts';
import type { Stage } from '../../core/names.ts';
import type { Asset } from '../../core/plan/schema-assets.ts';
import type { Schedule } from '../../core/plan/schema-parts.ts';
import { roleArn, type System } from '../system.ts';
import { deadLetterQueueArn, scheduleGroupName } from './shared.ts';

/** Scheduler replaces this by the instant that the run is for, also when it had to try several times. */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** A start is tried again for this long; then it is a message in the dead-letter queue, and an alarm. */
const RETRY_SECONDS = 3600;
const RETRIES = 10;

/** The schedules of one asset: backup and drill of a database, escrow of a key. */
export class AssetSchedules extends Construct {
  constructor(scope: Construct, system: System, asset: Asset) {
    super(scope, `Schedules-${asset.id}`);
    if (asset.kind === 'key') {
      makeSchedule(this, system, 'escrow', asset.id, asset.escrow.schedule, { key: asset.id } satisfies z.input<typeof EscrowInput>);
      return;
    }
    const backup = { asset: asset.id, slot: SCHEDULED_TIME } satisfies z.input<typeof BackupInput>;
    makeSchedule(this, system, 'backup', asset.id, asset.schedule, backup);
    makeSchedule(this, system, 'drill', asset.id, asset.drill.schedule, { asset: asset.id } satisfies z.input<typeof DrillInput>);
  }
}

/** @param asset undefined when the run is for every asset */
export function makeSchedule(
  scope: Construct,
  system: System,
  stage: Stage,
  asset: string | undefined,
  schedule: Pick<Schedule, 'cron' | 'timeZone'>,
  input: Record<string, string>,
): void {
  new CfnSchedule(scope, `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`, {
    name: asset === undefined ? stage : `${asset}-${stage}`,
    groupName: scheduleGroupName(system),
    description: `Holdfast ${system.name}: ${stage} of ${asset ?? 'every asset'}`,
    scheduleExpression: `cron(${schedule.cron})`,
    scheduleExpressionTimezone: schedule.timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    state: 'ENABLED',
    target: {
      arn: system.machineArn(stage),
      roleArn: roleArn(system.home, system.schedulerRole),
      input: JSON.stringify(input),
      retryPolicy: { maximumEventAgeInSeconds: RETRY_SECONDS, maximumRetryAttempts: RETRIES },
      deadLetterConfig: { arn: deadLetterQueueArn(system) },
    },
  });
}
