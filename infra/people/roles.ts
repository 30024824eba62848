/** Roles that people assume. Who may is said by the plan where it names roles, and by the account's own policies elsewhere. */
import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stateMachineName, type Stage } from '../../core/names.ts';
import {
  bucketKey,
  escrowOf,
  listObjects,
  readLocks,
  readObjects,
  replicaEscrowOf,
  replicaOf,
  useKey,
  vaultOf,
  type Bucket,
} from '../grants.ts';
import { makeRole, type Conditions, type Statement } from '../policy.ts';
import { RECORD_PREFIXES } from '../record-prefixes.ts';
import { arn, roleArn, type HumanRole, type System } from '../system.ts';

type Person = { role: Exclude<HumanRole, 'break-glass'>; what: string; trusted?: string[]; statements: Statement[] };

export function makePeople(stack: Construct, system: System): void {
  const { requesters, approvers } = system.plan.roles;
  const people: Person[] = [
    {
      role: 'operator',
      what: 'starts and watches backups, escrow and drills; reads records, never data',
      statements: [
        ...readRecords(system),
        ...watch(system),
        start(system, ['backup', 'escrow', 'drill']),
        stop(system, ['backup', 'escrow', 'drill']),
        ...readLogs(system),
      ],
    },
    {
      role: 'requester',
      what: 'asks for a restore and watches it',
      trusted: requesters,
      statements: [...readRecords(system), ...watch(system), start(system, ['restore'])],
    },
    {
      role: 'approver',
      what: 'sees what a restore is asked for, and can stop it',
      trusted: approvers,
      statements: [...readRecords(system), ...watch(system), stop(system, ['restore'])],
    },
    {
      role: 'auditor',
      what: 'reads every record, lock and signature in both regions, and starts nothing',
      statements: [...readRecords(system), ...watch(system), ...readEscrow(system), ...readAllLocks(system)],
    },
  ];
  for (const person of people) {
    const roleName = system.humanRole(person.role);
    const id = `${person.role.charAt(0).toUpperCase()}${person.role.slice(1)}`;
    const conditions = trustConditions(system, person.trusted);
    makeRole(stack, id, {
      roleName,
      description: `Holdfast ${system.name}: ${person.what}`,
      trust: {
        accounts: [`arn:${system.home.partition}:iam::${system.home.account}:root`],
        ...(conditions === undefined ? {} : { conditions }),
      },
      statements: person.statements,
    });
    new CfnOutput(stack, `${id}Role`, { value: roleArn(system.home, roleName), description: `${id}: ${person.what}` });
  }
}

/** The plan names roles by name or ARN; roles of people from a directory stand below a path, which the name alone does not say. */
const trustConditions = (system: System, trusted: string[] | undefined): Conditions | undefined =>
  trusted && {
    ArnLike: {
      'aws:PrincipalArn': trusted.flatMap((role) =>
        role.startsWith('arn:') ? [role] : [roleArn(system.home, role), roleArn(system.home, `*/${role}`)],
      ),
    },
  };

function readRecords(system: System): Statement[] {
  const prefixes = RECORD_PREFIXES.map((prefix) => `${prefix}/${system.name}/`);
  const keys = prefixes.map((prefix) => `${prefix}*`);
  const of = (suffix: string, bucket: Bucket) => [
    listObjects(`SeeRecords${suffix}`, bucket, prefixes),
    readObjects(`ReadRecords${suffix}`, bucket, keys),
    bucketKey(`VaultKey${suffix}`, system, bucket, 'read'),
  ];
  return [
    ...of('', vaultOf(system)),
    ...of('OfTheReplica', replicaOf(system)),
    useKey('CheckSignatures', system, system.home, 'evidence', ['kms:GetPublicKey', 'kms:Verify']),
  ];
}

/** Which keys and fingerprints are in escrow, and that they were read back; never an envelope. */
const readEscrow = (system: System): Statement[] => [
  listObjects('SeeEscrow', escrowOf(system), [`${system.name}/`]),
  listObjects('SeeEscrowOfTheReplica', replicaEscrowOf(system), [`${system.name}/`]),
  readObjects('ReadReadBacks', escrowOf(system), [`${system.name}/*/readback-*.json`]),
  readObjects('ReadReadBacksOfTheReplica', replicaEscrowOf(system), [`${system.name}/*/readback-*.json`]),
];

const readAllLocks = (system: System): Statement[] => [
  readLocks('ReadLocks', vaultOf(system), ['*']),
  readLocks('ReadLocksOfTheReplica', replicaOf(system), ['*']),
  readLocks('ReadEscrowLocks', escrowOf(system), ['*']),
  readLocks('ReadEscrowLocksOfTheReplica', replicaEscrowOf(system), ['*']),
];

const STAGES: readonly Stage[] = ['backup', 'escrow', 'drill', 'restore'];
const executions = (system: System, stages: readonly Stage[]) =>
  stages.map((stage) => arn(system.home, 'states', `execution:${stateMachineName(system.name, stage)}:*`));
const NAMED_AT_START = 'Executions are named when they start.';

const watch = (system: System): Statement[] => [
  { sid: 'SeeMachines', actions: ['states:ListExecutions', 'states:DescribeStateMachine'], resources: STAGES.map(system.machineArn) },
  {
    sid: 'SeeRuns',
    actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    resources: executions(system, STAGES),
    why: NAMED_AT_START,
  },
];
const start = (system: System, stages: readonly Stage[]): Statement => ({
  sid: 'Start',
  actions: ['states:StartExecution'],
  resources: stages.map(system.machineArn),
});
const stop = (system: System, stages: readonly Stage[]): Statement => ({
  sid: 'Stop',
  actions: ['states:StopExecution'],
  resources: executions(system, stages),
  why: NAMED_AT_START,
});

const readLogs = (system: System): Statement[] => [
  {
    sid: 'ReadLogs',
    actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams'],
    resources: [
      `log-group:/holdfast/${system.name}/*`,
      `log-group:/aws/lambda/holdfast-${system.name}-*`,
      `log-group:/aws/vendedlogs/states/holdfast-${system.name}-*`,
    ].map((group) => arn(system.home, 'logs', group)),
    why: 'Log groups of this system, by its name.',
  },
];
