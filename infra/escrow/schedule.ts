import { Construct } from 'constructs';
import { makeSchedule } from '../pipeline/schedules.ts';
import type { System } from '../system.ts';

/** An hour in which nothing else of a system begins by itself. */
const DAILY = '35 5 * * ? *';

/**
 * Key assets have schedules of their own, and what left the plan goes along with the first of them. Of a plan without any the machine
 * runs all the same: points of before still need what is in escrow, and its locks end. Where there is nothing it ends at once.
 */
export class EscrowSchedule extends Construct {
  constructor(scope: Construct, system: System) {
    super(scope, 'EscrowSchedule');
    if (system.keyAssets.length > 0) return;
    makeSchedule(this, system, 'escrow', undefined, { cron: DAILY, timeZone: 'UTC' }, {});
    // Scheduler refuses a schedule whose target, role or group is not there yet, and all are named, not referred to.
    for (const id of ['ScheduleGroup', 'SchedulerRole', 'NotStarted', 'EscrowMachine']) this.node.addDependency(scope.node.findChild(id));
  }
}
