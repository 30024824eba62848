import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STAGES, stackName, type TaskName } from '../../core/names.ts';
import { makeApproval } from '../approval/construct.ts';
import { makeAudit } from '../audit/construct.ts';
import { AuditSchedule } from '../audit/schedule.ts';
import { makeReportFailure } from '../backup/report-failure.ts';
import { applicationRepositories } from '../drill/application.ts';
import { makeDrill } from '../drill/construct.ts';
import { makeEvidence } from '../evidence/construct.ts';
import { makeImages } from '../image.ts';
import { makeHold } from '../lock/hold.ts';
import { makeLock } from '../lock/construct.ts';
import { makeNetwork } from '../network.ts';
import { makeNotify } from '../notify/construct.ts';
import { makePeople } from '../people/roles.ts';
import { makeAlarms } from '../pipeline/alarms.ts';
import { makeShared } from '../pipeline/shared.ts';
import { makeRestore } from '../restore/construct.ts';
import { makeRetention } from '../retention/construct.ts';
import { RetentionSchedule } from '../retention/schedule.ts';
import type { Settings } from '../settings.ts';
import { makeSignOff } from '../sign-off/construct.ts';
import type { System } from '../system.ts';
import { makeDashboard } from '../watch/dashboard.ts';
import { makeWatch } from '../watch/construct.ts';
import { recoverySystem } from './system.ts';

const stages = STAGES.replica;
const TASKS = ['drill', 'restore'] as const satisfies readonly TaskName[];

/**
 * What drills and restores the points of the replica vault, in its region and account. It is whole: nothing of it calls, names or
 * waits for anything in the home region, which may be gone.
 */
export class RecoveryStack extends Stack {
  /** @param system as the home region has it; `vault`: the stack of the replica vault */
  constructor(scope: Construct, atHome: System, settings: Settings, { vault, ...props }: StackProps & { vault: Stack }) {
    const system = recoverySystem(atHome);
    super(scope, stackName(system.name, 'recovery'), {
      ...props,
      stackName: stackName(system.name, 'recovery'),
      description: `Holdfast ${system.name}: drill and restore from the replica vault, its retention, holds and audit`,
    });
    const images = makeImages(this, system, settings);
    makeShared(this, system, [...images.repositoryArns, ...applicationRepositories(system)], ['drill', 'retention', 'audit']);
    const networks = makeNetwork(this, system, settings, TASKS);
    makeLock(this, system, settings);
    makeEvidence(this, system, settings);
    makeReportFailure(this, system, settings);
    makeDrill(this, system, settings, networks);
    makeApproval(this, system, settings);
    makeSignOff(this, system, settings);
    makeRestore(this, system, settings, networks);
    makeRetention(this, system, settings);
    makeAudit(this, system, settings, vault);
    makeHold(this, system, settings);
    new RetentionSchedule(this, system);
    new AuditSchedule(this, system);
    makeWatch(this, system, settings);
    makeNotify(this, system, settings, stages);
    makeAlarms(this, system, stages);
    makeDashboard(this, system, stages);
    makePeople(this, system, stages);
  }
}
