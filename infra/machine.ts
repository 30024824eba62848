import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { stateMachineName, type Stage, type TaskName } from '../core/names.ts';
import type { StateMachineDefinition } from './asl/definition.ts';
import type { HandlerPath } from './handlers.ts';
import { makeRole, type Statement } from './policy.ts';
import type { Settings } from './settings.ts';
import { arn, roleArn, type System } from './system.ts';

export type MachineProps = {
  system: System;
  settings: Settings;
  stage: Stage;
  definition: StateMachineDefinition;
  functions: readonly HandlerPath[];
  tasks: readonly TaskName[];
};

/** One state machine with its role and its log group. */
export function makeMachine(stack: Construct, props: MachineProps): void {
  const { system, settings, stage } = props;
  const id = `${stage.charAt(0).toUpperCase()}${stage.slice(1)}Machine`;
  const stateMachineNameText = stateMachineName(system.name, stage);
  const logGroup = new CfnLogGroup(stack, `${id}Logs`, {
    // Step Functions writes a resource policy for each group that is not under this prefix, and CloudWatch has room for ten.
    logGroupName: `/aws/vendedlogs/states/${stateMachineNameText}`,
    retentionInDays: settings.logRetentionDays,
  });
  logGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  const role = makeRole(stack, `${id}Role`, {
    roleName: system.machineRole(stage),
    description: `Holdfast ${system.name}: runs the ${stage} machine`,
    trust: {
      service: 'states.amazonaws.com',
      conditions: {
        StringEquals: { 'aws:SourceAccount': system.home.account },
        ArnLike: { 'aws:SourceArn': arn(system.home, 'states', `stateMachine:${stateMachineNameText}`) },
      },
    },
    statements: [
      { sid: 'CallFunctions', actions: ['lambda:InvokeFunction'], resources: props.functions.map(system.functionArn) },
      ...(props.tasks.length === 0 ? [] : runTasks(system, props.tasks)),
      ...observe,
    ],
  });
  new CfnStateMachine(stack, id, {
    stateMachineName: stateMachineNameText,
    stateMachineType: 'STANDARD',
    roleArn: role.attrArn,
    definitionString: Stack.of(stack).toJsonString(props.definition),
    // Payloads hold ids and reasons, never a value of a key or a row.
    loggingConfiguration: {
      level: 'ALL',
      includeExecutionData: true,
      destinations: [
        { cloudWatchLogsLogGroup: { logGroupArn: arn(system.home, 'logs', `log-group:/aws/vendedlogs/states/${stateMachineNameText}:*`) } },
      ],
    },
    tracingConfiguration: { enabled: true },
  }).addResourceDependency(logGroup);
}

/** Running a task to its end: `.sync` watches it through a rule of EventBridge that Step Functions keeps. */
function runTasks(system: System, tasks: readonly TaskName[]): Statement[] {
  const onCluster = { ArnEquals: { 'ecs:cluster': system.clusterArn } };
  return [
    {
      sid: 'RunTasks',
      actions: ['ecs:RunTask'],
      resources: tasks.map((task) => arn(system.home, 'ecs', `task-definition/${system.taskFamily('*', task)}:*`)),
      conditions: onCluster,
      why: 'Task definitions of every asset of the system, in the revision that is deployed.',
    },
    {
      sid: 'WatchTasks',
      actions: ['ecs:StopTask', 'ecs:DescribeTasks'],
      resources: [arn(system.home, 'ecs', `task/${system.cluster}/*`)],
      conditions: onCluster,
      why: 'Tasks get their ids when they start; only those of this system’s cluster.',
    },
    {
      sid: 'HearOfTasks',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [arn(system.home, 'events', 'rule/StepFunctionsGetEventsForECSTaskRule')],
    },
    {
      sid: 'GiveTasksTheirRoles',
      actions: ['iam:PassRole'],
      resources: [
        roleArn(system.home, system.taskExecutionRole),
        ...system.postgresAssets.flatMap((a) => tasks.map((task) => roleArn(system.home, system.taskRole(a.id, task)))),
      ],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  ];
}

/** Delivery of logs and traces is granted on everything or not at all: these actions know no resources. */
const observe: Statement[] = [
  {
    sid: 'DeliverLogs',
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    resources: ['*'],
    why: 'The actions of log delivery and of X-Ray know no resources.',
  },
  {
    sid: 'DeliverTraces',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resources: ['*'],
    why: 'The actions of log delivery and of X-Ray know no resources.',
  },
];
