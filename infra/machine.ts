import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Stage, TaskName } from '../core/names.ts';
import type { StateMachineDefinition, States } from './asl/definition.ts';
import type { HandlerPath } from './handlers.ts';
import { makeRole, type Statement } from './policy.ts';
import type { Settings } from './settings.ts';
import { arn, roleArn, type Site, type System } from './system.ts';

export type MachineProps = {
  system: System;
  settings: Settings;
  stage: Stage;
  definition: StateMachineDefinition;
  functions: readonly HandlerPath[];
  tasks: readonly TaskName[];
  /** What the machine itself reads, for a map over the lines of an object. */
  statements?: Statement[];
};

/** One state machine with its role and its log group. */
export function makeMachine(stack: Construct, props: MachineProps): void {
  const { system, settings, stage } = props;
  const id = `${stage.charAt(0).toUpperCase()}${stage.slice(1)}Machine`;
  const machineName = system.machineName(stage);
  const machineArn = system.machineArn(stage);
  const hasMapRuns = hasDistributedMap(props.definition.States);
  const logGroup = new CfnLogGroup(stack, `${id}Logs`, {
    // Step Functions writes a resource policy for each group that is not under this prefix, and CloudWatch has room for ten.
    logGroupName: `/aws/vendedlogs/states/${machineName}`,
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
        ArnLike: { 'aws:SourceArn': hasMapRuns ? [machineArn, `${machineArn}/*`] : machineArn },
      },
    },
    statements: [
      { sid: 'CallFunctions', actions: ['lambda:InvokeFunction'], resources: props.functions.map(system.functionArn) },
      ...(props.tasks.length === 0 ? [] : runTasks(system, props.tasks)),
      ...(hasMapRuns ? runItself(system.home, machineName) : []),
      ...(props.statements ?? []),
      ...observe,
    ],
  });
  new CfnStateMachine(stack, id, {
    stateMachineName: machineName,
    stateMachineType: 'STANDARD',
    roleArn: role.attrArn,
    definitionString: Stack.of(stack).toJsonString(inPartition(props.definition, system.home)),
    // Payloads hold ids and reasons, never a value of a key or a row.
    loggingConfiguration: {
      level: 'ALL',
      includeExecutionData: true,
      destinations: [
        { cloudWatchLogsLogGroup: { logGroupArn: arn(system.home, 'logs', `log-group:/aws/vendedlogs/states/${machineName}:*`) } },
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
      resources: [roleArn(system.home, system.taskExecutionRole), ...taskRoles(system, tasks)],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      why: 'Task roles of every asset of the system; by pattern where they are too many to be named.',
    },
  ];
}

/** Characters of a role's inline policies that IAM takes, and what the other statements have of them. */
const MOST_POLICY_CHARACTERS = 10_240;
const OTHER_STATEMENTS_CHARACTERS = 4000;

/** One by one as long as IAM has room for them; of very many assets by their pattern, as their task definitions are. */
function taskRoles(system: System, tasks: readonly TaskName[]): string[] {
  const named = system.postgresAssets.flatMap((a) => tasks.map((task) => roleArn(system.home, system.taskRole(a.id, task))));
  if (JSON.stringify(named).length <= MOST_POLICY_CHARACTERS - OTHER_STATEMENTS_CHARACTERS) return named;
  return tasks.map((task) => roleArn(system.home, system.taskRole('*', task)));
}

/** The integrations of Step Functions are resources too, and have the partition in their ARNs. */
const inPartition = (definition: StateMachineDefinition, { partition }: Site): unknown =>
  partition === 'aws' ? definition : JSON.parse(JSON.stringify(definition).replaceAll('"arn:aws:states:::', `"arn:${partition}:states:::`));

const hasDistributedMap = (states: States): boolean =>
  Object.values(states).some(
    (state) =>
      state.Type === 'Map' && (state.ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED' || hasDistributedMap(state.ItemProcessor.States)),
  );

/** Running another machine to its end: `.sync:2` watches it through a rule of EventBridge that Step Functions keeps. */
export function runMachine(system: System, stage: Stage): Statement[] {
  const name = system.machineName(stage);
  return [
    { sid: 'StartTheOtherMachine', actions: ['states:StartExecution'], resources: [system.machineArn(stage)] },
    {
      sid: 'WatchTheOtherMachine',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [arn(system.home, 'states', `execution:${name}:*`)],
      why: 'Executions are named when they start; only those of that machine.',
    },
    {
      sid: 'HearOfTheOtherMachine',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [arn(system.home, 'events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule')],
    },
  ];
}

/** A distributed map starts executions of its own machine; those of a map within a map are started by such an execution. */
function runItself(site: Site, machineName: string): Statement[] {
  return [
    { sid: 'StartItsMapRuns', actions: ['states:StartExecution'], resources: [arn(site, 'states', `stateMachine:${machineName}`)] },
    {
      sid: 'WatchItsMapRuns',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [`execution:${machineName}:*`, `execution:${machineName}/*:*`].map((resource) => arn(site, 'states', resource)),
      why: 'Executions of a map are named when they start; only those of this machine.',
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
