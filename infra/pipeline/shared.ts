/** What all assets of a system share: cluster, execution role, dead-letter queue, schedule group, alarm topic. */
import { Validations } from 'aws-cdk-lib';
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alarmTopicName, type Side, type Stage } from '../../core/names.ts';
import type { HandlerPath } from '../handlers.ts';
import { makeRole, policyDocument, type Statement } from '../policy.ts';
import { arn, type System } from '../system.ts';

export const deadLetterQueueName = (system: System) => `holdfast-${system.name}-not-started`;
export const deadLetterQueueArn = (system: System) => arn(system.home, 'sqs', deadLetterQueueName(system));
export const scheduleGroupName = (system: System) => `holdfast-${system.name}`;

/** Functions that run by the clock, of each region. */
const SCHEDULED_FUNCTIONS: Record<Side, readonly HandlerPath[]> = {
  vault: ['copy/follow-missing', 'watch/watch-assets', 'watch/watch-keys'],
  replica: ['watch/watch-assets', 'watch/watch-keys'],
};

const scheduledFunctions = ({ side, plan }: System): HandlerPath[] => [
  ...SCHEDULED_FUNCTIONS[side],
  ...(plan.notifications.some(({ remind }) => remind !== undefined) ? (['notify/send-notice'] as const) : []),
];

/** @param scheduled what is started on schedule in this region */
export function makeShared(stack: Construct, system: System, imageRepositoryArns: string[], scheduled: readonly Stage[]): void {
  new CfnCluster(stack, 'Cluster', {
    clusterName: system.cluster,
    clusterSettings: [{ name: 'containerInsights', value: 'enabled' }],
  });
  makeExecutionRole(stack, system, imageRepositoryArns);
  makeScheduling(stack, system, scheduled);
  if (system.plan.alarmTopic === undefined) makeTopic(stack, system);
}

/** What ECS itself does before a task runs: pulling the image and opening log streams. */
function makeExecutionRole(stack: Construct, system: System, repositories: string[]): void {
  const pull: Statement[] =
    repositories.length === 0
      ? []
      : [
          {
            sid: 'PullTheImage',
            actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
            resources: repositories,
          },
          { sid: 'LogInToTheRegistry', actions: ['ecr:GetAuthorizationToken'], resources: ['*'], why: 'This action knows no resources.' },
        ];
  makeRole(stack, 'TaskExecutionRole', {
    roleName: system.taskExecutionRole,
    description: `Holdfast ${system.name}: starts tasks`,
    trust: { service: 'ecs-tasks.amazonaws.com' },
    statements: [
      {
        sid: 'Log',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [arn(system.home, 'logs', `log-group:/holdfast/${system.name}/*`)],
        why: 'One log group per asset, its streams named by ECS.',
      },
      ...pull,
    ],
  });
}

function makeScheduling(stack: Construct, system: System, scheduled: readonly Stage[]): void {
  new CfnScheduleGroup(stack, 'ScheduleGroup', { name: scheduleGroupName(system) });
  const queue = new CfnQueue(stack, 'NotStarted', {
    queueName: deadLetterQueueName(system),
    messageRetentionPeriod: 14 * 86_400,
    sqsManagedSseEnabled: true,
  });
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'This is a dead-letter queue: of the schedules.' });
  new CfnQueuePolicy(stack, 'NotStartedPolicy', {
    queues: [queue.ref],
    policyDocument: policyDocument([
      {
        sid: 'OnlyTls',
        effect: 'Deny',
        principal: '*',
        actions: ['sqs:*'],
        resources: [deadLetterQueueArn(system)],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        sid: 'KeepEventsThatStartedNothing',
        principal: { Service: 'events.amazonaws.com' },
        actions: ['sqs:SendMessage'],
        resources: [deadLetterQueueArn(system)],
        conditions: { ArnLike: { 'aws:SourceArn': arn(system.home, 'events', `rule/holdfast-${system.name}-*`) } },
      },
    ]),
  });
  makeRole(stack, 'SchedulerRole', {
    roleName: system.schedulerRole,
    description: `Holdfast ${system.name}: starts the machines on schedule`,
    trust: {
      service: 'scheduler.amazonaws.com',
      conditions: {
        StringEquals: { 'aws:SourceAccount': system.home.account },
        ArnLike: { 'aws:SourceArn': arn(system.home, 'scheduler', `schedule-group/${scheduleGroupName(system)}`) },
      },
    },
    statements: [
      { sid: 'StartMachines', actions: ['states:StartExecution'], resources: scheduled.map(system.machineArn) },
      { sid: 'CallFunctions', actions: ['lambda:InvokeFunction'], resources: scheduledFunctions(system).map(system.functionArn) },
      { sid: 'KeepWhatDidNotStart', actions: ['sqs:SendMessage'], resources: [deadLetterQueueArn(system)] },
    ],
  });
}

function makeTopic(stack: Construct, system: System): void {
  const topic = new CfnTopic(stack, 'Alarms', { topicName: alarmTopicName(system.name), displayName: `Holdfast ${system.name}` });
  new CfnTopicPolicy(stack, 'AlarmsPolicy', {
    topics: [topic.ref],
    policyDocument: policyDocument([
      {
        sid: 'OnlyTls',
        effect: 'Deny',
        principal: '*',
        actions: ['sns:Publish'],
        resources: [system.alarmTopicArn],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        sid: 'AlarmsOfThisAccount',
        principal: { Service: 'cloudwatch.amazonaws.com' },
        actions: ['sns:Publish'],
        resources: [system.alarmTopicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': system.home.account } },
      },
    ]),
  });
}
