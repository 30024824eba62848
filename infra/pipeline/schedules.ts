import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { z } from 'zod';
import type { BackupInput } from '../../core/backup/contract.ts';
import type { DrillInput } from '../../core/drill/contract.ts';
import type { EscrowInput } from '../../core/escrow/contract.ts';
import type { Stage } from '../../core/names.ts';
import type { Asset } from '../../core/plan/schema-assets.ts';
import type { Schedule } from '../../core/plan/schema-parts.ts';
import type { HandlerPath } from '../handlers.ts';
import { roleArn, type System } from '../system.ts';
import { deadLetterQueueArn, scheduleGroupName } from './shared.ts';

/** Scheduler replaces this by the instant that the run is for, also when it had to try several times. */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

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
  addSchedule(scope, `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`, system, {
    name: asset === undefined ? stage : `${asset}-${stage}`,
    description: `${stage} of ${asset ?? 'every asset'}`,
    schedule,
    target: system.machineArn(stage),
    input,
  });
}

/** A function of its own that runs by the clock. Logical id: that of the construct, with `Run`. */
export function scheduleFunction(
  scope: Construct,
  id: string,
  system: System,
  run: Pick<Scheduled, 'name' | 'description' | 'schedule' | 'retrySeconds'> & { handler: HandlerPath; input?: object },
): void {
  const made = new Construct(scope, id);
  addSchedule(made, 'Run', system, { input: {}, ...run, target: system.functionArn(run.handler) });
  // Scheduler refuses a schedule whose role or group is not there yet, and both are named, not referred to.
  for (const needed of ['ScheduleGroup', 'SchedulerRole', 'NotStarted']) made.node.addDependency(scope.node.findChild(needed));
}

type Scheduled = {
  name: string;
  description: string;
  schedule: Pick<Schedule, 'cron' | 'timeZone'>;
  target: string;
  input: object;
  /** For how long a start is tried. */
  retrySeconds?: number;
};

const addSchedule = (
  scope: Construct,
  id: string,
  system: System,
  { name, description, schedule, target, input, retrySeconds }: Scheduled,
) =>
  new CfnSchedule(scope, id, {
    name,
    groupName: scheduleGroupName(system),
    description: `Holdfast ${system.name}: ${description}`,
    scheduleExpression: `cron(${schedule.cron})`,
    scheduleExpressionTimezone: schedule.timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    state: 'ENABLED',
    target: {
      arn: target,
      roleArn: roleArn(system.home, system.schedulerRole),
      input: JSON.stringify(input),
      retryPolicy: { maximumEventAgeInSeconds: retrySeconds ?? RETRY_SECONDS, maximumRetryAttempts: RETRIES },
      deadLetterConfig: { arn: deadLetterQueueArn(system) },
    },
  });
