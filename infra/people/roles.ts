/** Roles that people assume. Who may is said by the plan where it names roles, and by the account's own policies elsewhere. */
import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Stage } from '../../core/names.ts';
import { keyWatchKey, keyWatchPrefix, reportPageKey } from '../../core/vault/keys.ts';
import { callByUrl } from '../approval/signed-url.ts';
import {
  bucketKey,
  escrowOf,
  listObjects,
  putObjects,
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

/** @param stages whose machines are in this region */
export function makePeople(stack: Construct, system: System, stages: readonly Stage[]): void {
  const { requesters, approvers } = system.plan.roles;
  const operated = stages.filter((stage) => stage !== 'restore' && stage !== 'hold');
  const keeping = stages.filter((stage) => stage === 'hold' || stage === 'escrow');
  const people: Person[] = [
    {
      role: 'operator',
      what: 'starts and watches backups, escrow and drills; reads records, never data; publishes pages',
      statements: [
        ...readRecords(system),
        ...watch(system, stages),
        ...readEscrow(system),
        start(system, operated),
        stop(system, operated),
        ...readLogs(system),
        ...publishPages(system),
      ],
    },
    {
      role: 'requester',
      what: 'asks for a restore, watches it and signs it off',
      trusted: requesters,
      statements: [
        ...readRecords(system),
        ...watch(system, stages),
        start(system, ['restore']),
        ...callByUrl(system, ['approval/take-request', 'sign-off/take-word']),
      ],
    },
    {
      role: 'approver',
      what: 'sees what a restore is asked for, approves or rejects it, can stop it and sign it off',
      trusted: approvers,
      statements: [
        ...readRecords(system),
        ...watch(system, stages),
        stop(system, ['restore']),
        ...callByUrl(system, ['approval/decide', 'sign-off/take-word']),
      ],
    },
    {
      role: 'custodian',
      what: 'puts legal holds on points and releases them; exports offline keys, and proves before witnesses that they can be recovered',
      statements: [
        ...readRecords(system),
        ...watch(system, keeping),
        start(system, keeping),
        ...readOffline(system),
        ...(system.side === 'vault' ? [useKey('CompareFingerprints', system, system.home, 'fingerprint', ['kms:VerifyMac'])] : []),
      ],
    },
    {
      role: 'auditor',
      what: 'reads every record, lock and signature in both regions, and starts nothing',
      statements: [...readRecords(system), ...watch(system, stages), ...readEscrow(system), ...readAllLocks(system), ...seeData(system)],
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
        accounts: trustedAccounts(system, person.trusted),
        ...(conditions === undefined ? {} : { conditions }),
      },
      statements: person.statements,
    });
    new CfnOutput(stack, `${id}Role`, { value: roleArn(system.home, roleName), description: `${id}: ${person.what}` });
  }
}

/** Their own, and those of the roles that the plan names by ARN: people of the home account come into the replica's that way. */
const trustedAccounts = (system: System, trusted: string[] = []): string[] => {
  const named = trusted.flatMap((role) => (role.startsWith('arn:') ? [role.split(':')[4] ?? ''] : []));
  return [...new Set([system.home.account, ...named])].map((account) => `arn:${system.home.partition}:iam::${account}:root`);
};

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
  return [
    ...ofBoth(system, vaultOf, replicaOf).flatMap(({ bucket, suffix }) => [
      listObjects(`SeeRecords${suffix}`, bucket, prefixes),
      readObjects(`ReadRecords${suffix}`, bucket, keys),
      bucketKey(`VaultKey${suffix}`, system, bucket, 'read'),
    ]),
    // What was seen of KMS keys, instead of a right to ask KMS.
    ...ofBoth(system, escrowOf, replicaEscrowOf).flatMap(({ bucket, suffix }) => [
      listObjects(`SeeKeyWatch${suffix}`, bucket, [keyWatchPrefix(system.name)]),
      readObjects(`ReadKeyWatch${suffix}`, bucket, [keyWatchKey(system.name, '*')]),
    ]),
    useKey('CheckSignatures', system, system.home, 'evidence', ['kms:GetPublicKey', 'kms:Verify']),
  ];
}

/** People at home see the replica too, where it is of their account; those of the second region see what is there alone. */
const ofBoth = (system: System, own: (s: System) => Bucket, second: (s: System) => Bucket) => [
  { bucket: own(system), suffix: '' },
  ...(system.side === 'vault' && system.replica.account === system.home.account
    ? [{ bucket: second(system), suffix: 'OfTheReplica' }]
    : []),
];

/** Which keys and fingerprints are in escrow, and that they were read back; never an envelope. */
const readEscrow = (system: System): Statement[] =>
  ofBoth(system, escrowOf, replicaEscrowOf).flatMap(({ bucket, suffix }) => [
    listObjects(`SeeEscrow${suffix}`, bucket, [`${system.name}/`]),
    readObjects(`ReadReadBacks${suffix}`, bucket, [`${system.name}/*/readback-*.json`]),
  ]);

/** What only the custodians’ shares open: it is theirs to carry away. */
const readOffline = (system: System): Statement[] =>
  ofBoth(system, escrowOf, replicaEscrowOf).flatMap(({ bucket, suffix }) => [
    listObjects(`SeeOfflineKeys${suffix}`, bucket, [`${system.name}/`]),
    readObjects(`ReadOfflineKeys${suffix}`, bucket, [`${system.name}/*/offline-*`]),
  ]);

/** Which objects there are and how large, for `evidence verify`; never their bytes. */
const seeData = (system: System): Statement[] =>
  ofBoth(system, vaultOf, replicaOf).map(({ bucket, suffix }) => listObjects(`SeeData${suffix}`, bucket, [`data/${system.name}/`]));

const readAllLocks = (system: System): Statement[] => [
  ...ofBoth(system, vaultOf, replicaOf).map(({ bucket, suffix }) => readLocks(`ReadLocks${suffix}`, bucket, ['*'])),
  ...ofBoth(system, escrowOf, replicaEscrowOf).map(({ bucket, suffix }) => readLocks(`ReadEscrowLocks${suffix}`, bucket, ['*'])),
];

/** Pages for people, among the evidence and none of it: a name that nothing but `report` gives. */
const publishPages = (system: System): Statement[] => [
  putObjects('PublishPages', vaultOf(system), [reportPageKey(system.name, '*')]),
  bucketKey('VaultKeyForPages', system, vaultOf(system), 'write'),
];

const executions = (system: System, stages: readonly Stage[]) =>
  stages.map((stage) => arn(system.home, 'states', `execution:${system.machineName(stage)}:*`));
const NAMED_AT_START = 'Executions are named when they start.';

const watch = (system: System, stages: readonly Stage[]): Statement[] => [
  { sid: 'SeeMachines', actions: ['states:ListExecutions', 'states:DescribeStateMachine'], resources: stages.map(system.machineArn) },
  {
    sid: 'SeeRuns',
    actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    resources: executions(system, stages),
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
