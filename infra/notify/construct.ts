/** Who is told besides the subscribers of the alarm topic: a function that hears the topic, and the clock, and gives it on. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import type { z } from 'zod';
import type { Stage } from '../../core/names.ts';
import type { NotifyRequest } from '../../core/notify/contract.ts';
import { makeFunction } from '../function.ts';
import { readSecrets } from '../grants.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { keepFailedCalls } from '../pipeline/failed-calls.ts';
import { SCHEDULED_TIME, scheduleFunction } from '../pipeline/schedules.ts';
import { deadLetterQueueArn } from '../pipeline/shared.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';

const HANDLER = 'notify/send-notice';

/**
 * Of one region, and only where the plan names receivers. What a receiver did not take is tried again by Lambda, and then stands in
 * the dead-letter queue and as an alarm.
 * @param stages whose machines are in this region
 */
export function makeNotify(stack: Construct, system: System, settings: Settings, stages: readonly Stage[]): void {
  const { name, plan, home } = system;
  const receivers = plan.notifications;
  if (receivers.length === 0) return;
  makeFunction(stack, {
    system,
    settings,
    handler: HANDLER,
    description: 'gives messages to the receivers that the plan names',
    environment: { SYSTEM: name, SIDE: system.side, REGION: home.region, RECEIVERS: JSON.stringify(receivers) },
    statements: [
      ...readSecrets(
        'ReadReceivers',
        system,
        receivers.map(({ secret }) => secret),
        ['secretsmanager:GetSecretValue'],
      ),
      {
        sid: 'SeeAlarms',
        actions: ['cloudwatch:DescribeAlarms'],
        resources: [arn(home, 'cloudwatch', 'alarm:*')],
        why: 'CloudWatch looks alarms up by the beginning of their names, and asks for the right to all of them.',
      },
      { sid: 'KeepWhatFailed', actions: ['sqs:SendMessage'], resources: [deadLetterQueueArn(system)] },
    ],
  });
  const made = stack.node.findChild('NotifySendNotice');
  keepFailedCalls(stack, 'NotifyTries', system, { handler: HANDLER, oldestSeconds: 3600, made });
  hearTopic(stack, system, made);
  if (receivers.some(({ send }) => send === 'all')) hearOfRuns(stack, system, stages, made);
  receivers.forEach(({ remind }, receiver) => {
    if (remind !== undefined)
      scheduleFunction(stack, `Remind${receiver}`, system, {
        name: `remind-${receiver}`,
        description: `alarms that still stand, for receiver ${receiver} of the plan`,
        handler: HANDLER,
        schedule: remind,
        input: { remind: { receiver, at: SCHEDULED_TIME } } satisfies z.input<typeof NotifyRequest>,
      });
  });
  makeAlarm(stack, system, {
    name: `${system.functionRole(HANDLER)}-failed`,
    what: 'A receiver that the plan names did not take a message',
    heading: 'notTold',
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: system.functionRole(HANDLER) },
    statistic: 'Sum',
  });
}

function hearTopic(stack: Construct, system: System, made: IConstruct): void {
  const permission = new CfnPermission(stack, 'TopicMayCall', {
    action: 'lambda:InvokeFunction',
    functionName: system.functionArn(HANDLER),
    principal: 'sns.amazonaws.com',
    sourceArn: system.alarmTopicArn,
  });
  permission.node.addDependency(made);
  const subscription = new CfnSubscription(stack, 'NotifyOfAlarms', {
    topicArn: system.alarmTopicArn,
    protocol: 'lambda',
    endpoint: system.functionArn(HANDLER),
  });
  subscription.node.addDependency(permission);
  const topic = stack.node.tryFindChild('Alarms');
  if (topic) subscription.node.addDependency(topic);
}

/** What failed is told by its own message, with the cause; of what worked there is only the machine's end. */
function hearOfRuns(stack: Construct, system: System, stages: readonly Stage[], made: IConstruct): void {
  const rule = new CfnRule(stack, 'HearOfRuns', {
    name: `holdfast-${system.name}-runs-worked`,
    description: `Holdfast ${system.name}: a run worked`,
    eventPattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { status: ['SUCCEEDED'], stateMachineArn: stages.map((stage) => system.machineArn(stage)) },
    },
    targets: [{ id: 'tell', arn: system.functionArn(HANDLER), deadLetterConfig: { arn: deadLetterQueueArn(system) } }],
  });
  rule.node.addDependency(made);
  new CfnPermission(stack, 'RunsMayCall', {
    action: 'lambda:InvokeFunction',
    functionName: system.functionArn(HANDLER),
    principal: 'events.amazonaws.com',
    sourceArn: arn(system.home, 'events', `rule/holdfast-${system.name}-runs-worked`),
  }).node.addDependency(made);
}
