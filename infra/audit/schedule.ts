import { Construct } from 'constructs';
import type { Side } from '../../core/names.ts';
import { makeSchedule } from '../pipeline/schedules.ts';
import type { System } from '../system.ts';

/** Some hours after the side's own retention, which extends the locks that an audit then asks for. */
const DAILY: Record<Side, string> = { vault: '50 8 * * ? *', replica: '50 20 * * ? *' };

/** One side, once a day. */
export class AuditSchedule extends Construct {
  constructor(scope: Construct, system: System) {
    super(scope, 'AuditSchedule');
    makeSchedule(this, system, 'audit', undefined, { cron: DAILY[system.side], timeZone: 'UTC' }, {});
    // Scheduler refuses a schedule whose target, role or group is not there yet, and all are named, not referred to.
    for (const id of ['ScheduleGroup', 'SchedulerRole', 'NotStarted', 'AuditMachine']) this.node.addDependency(scope.node.findChild(id));
  }
}
