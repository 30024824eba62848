import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STAGES, stackName, TASKS } from '../../core/names.ts';
import { makeApproval } from '../approval/construct.ts';
import { makeAudit } from '../audit/construct.ts';
import { AuditSchedule } from '../audit/schedule.ts';
import { makeBackup } from '../backup/construct.ts';
import { makeReportFailure } from '../backup/report-failure.ts';
import { makeCopy } from '../copy/construct.ts';
import { applicationRepositories } from '../drill/application.ts';
import { makeDrill } from '../drill/construct.ts';
import { makeEscrow } from '../escrow/construct.ts';
import { EscrowSchedule } from '../escrow/schedule.ts';
import { makeEvidence } from '../evidence/construct.ts';
import { makeImages } from '../image.ts';
import { makeHold } from '../lock/hold.ts';
import { makeLock } from '../lock/construct.ts';
import { makeNetwork } from '../network.ts';
import { makeNotify } from '../notify/construct.ts';
import { makePeople } from '../people/roles.ts';
import { makeQuiesce } from '../quiesce/construct.ts';
import { makeRecord } from '../record/construct.ts';
import { makeRestore } from '../restore/construct.ts';
import { makeRetention } from '../retention/construct.ts';
import { RetentionSchedule } from '../retention/schedule.ts';
import type { Settings } from '../settings.ts';
import { makeSignOff } from '../sign-off/construct.ts';
import type { System } from '../system.ts';
import { makeDashboard } from '../watch/dashboard.ts';
import { makeProbe } from '../validation/construct.ts';
import { makeWatch } from '../watch/construct.ts';
import { makeAlarms } from './alarms.ts';
import { makeShared } from './shared.ts';

const stages = STAGES.vault;

/** What all assets of a system share: network, functions, machines, alarms and the roles of people. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, system: System, settings: Settings, { vault, ...props }: StackProps & { vault: Stack }) {
    super(scope, stackName(system.name, 'pipeline'), {
      ...props,
      stackName: stackName(system.name, 'pipeline'),
      description: `Holdfast ${system.name}: backup, escrow, drill, restore, retention, holds and audit`,
    });
    const images = makeImages(this, system, settings);
    makeShared(
      this,
      system,
      [...images.repositoryArns, ...applicationRepositories(system)],
      ['backup', 'drill', 'escrow', 'retention', 'audit'],
    );
    const networks = makeNetwork(this, system, settings, TASKS);
    makeLock(this, system, settings);
    makeCopy(this, system, settings);
    makeEvidence(this, system, settings);
    makeRecord(this, system, settings);
    makeReportFailure(this, system, settings);
    makeBackup(this, system, settings, networks);
    makeEscrow(this, system, settings);
    makeDrill(this, system, settings, networks);
    makeApproval(this, system, settings);
    makeSignOff(this, system, settings);
    makeRestore(this, system, settings, networks);
    makeQuiesce(this, system, settings);
    makeProbe(this, system, settings);
    makeRetention(this, system, settings);
    makeHold(this, system, settings);
    makeAudit(this, system, settings, vault);
    new EscrowSchedule(this, system);
    new RetentionSchedule(this, system);
    new AuditSchedule(this, system);
    makeWatch(this, system, settings);
    makeNotify(this, system, settings, stages);
    makeAlarms(this, system, stages);
    makeDashboard(this, system, stages);
    makePeople(this, system, stages);
  }
}
