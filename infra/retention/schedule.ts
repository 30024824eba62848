import { Construct } from 'constructs';
import type { Side } from '../../core/names.ts';
import { makeSchedule } from '../pipeline/schedules.ts';
import type { System } from '../system.ts';

/** The replica expires half a day after the vault: there is time to see what a changed policy did to the first of the two. */
const DAILY: Record<Side, string> = { vault: '20 4 * * ? *', replica: '20 16 * * ? *' };

/** Every asset of the plan, once a day. */
export class RetentionSchedule extends Construct {
  constructor(scope: Construct, system: System) {
    super(scope, 'RetentionSchedule');
    makeSchedule(this, system, 'retention', undefined, { cron: DAILY[system.side], timeZone: 'UTC' }, {});
    // Scheduler refuses a schedule whose target, role or group is not there yet, and all are named, not referred to.
    for (const id of ['ScheduleGroup', 'SchedulerRole', 'NotStarted', 'RetentionMachine'])
      this.node.addDependency(scope.node.findChild(id));
  }
}
