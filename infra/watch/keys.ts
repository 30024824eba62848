/** Who ends a key that the system uses, or deletes the source of one or a login: told by events, and seen by asking KMS. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import { keyWatchKey, keyWatchPrefix } from '../../core/vault/keys.ts';
import { METRICS_NAMESPACE, systemDimensions } from '../../core/metrics.ts';
import type { KeyPurpose } from '../../core/names.ts';
import type { WatchKeysRequest } from '../../core/watch/contract.ts';
import { KEY_CALLS, SECRET_CALLS } from '../../core/watch/endangered.ts';
import { loginsOf } from '../../core/watch/logins.ts';
import { makeFunction } from '../function.ts';
import { escrowOf, listObjects, putObjects, readObjects, useKey } from '../grants.ts';
import type { Statement } from '../policy.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { keepFailedCalls } from '../pipeline/failed-calls.ts';
import { scheduleFunction } from '../pipeline/schedules.ts';
import { deadLetterQueueArn } from '../pipeline/shared.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';
import { lookAtAnyKey, lookAtLogins, lookAtSources, namesOfSources } from './sources.ts';

const HANDLER = 'watch/watch-keys';
const PURPOSES: readonly KeyPurpose[] = ['vault', 'escrow', 'fingerprint', 'evidence'];
const EVERY_MINUTES = 5;
const PERIOD_SECONDS = EVERY_MINUTES * 60;
/** Of looks in a row: one that is throttled, or late, is made up for by the next. */
const LOOKS_MISSED = 3;
const LATEST_CALL_SECONDS = 600;

/** Of one region: keys are a region's own, and so are the events about them. */
export function makeKeyWatch(stack: Construct, system: System, settings: Settings): void {
  const { name, home } = system;
  const sources = namesOfSources(system);
  const logins = loginsOf(system.plan, system.side);
  const seeSources = lookAtSources(system);
  const seeLogins = lookAtLogins(system, logins, seeSources);
  makeFunction(stack, {
    system,
    settings,
    handler: HANDLER,
    description: 'tells when a KMS key in use, the source of a key or a login is about to go',
    environment: {
      SYSTEM: name,
      REGION: home.region,
      ALIASES: PURPOSES.map(system.keyAlias).join(','),
      SECRETS: sources.secrets.join(','),
      PARAMETERS: sources.parameters.join(','),
      ESCROW_BUCKET: system.escrowBucket,
      ALARM_TOPIC_ARN: system.alarmTopicArn,
    },
    statements: [
      ...PURPOSES.map((purpose, i) => useKey(`LookAtTheKey${i + 1}`, system, home, purpose, ['kms:DescribeKey'])),
      ...seeSources,
      ...seeLogins,
      ...lookAtAnyKey(system, [...seeSources, ...seeLogins]),
      ...writeDown(system),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
      { sid: 'KeepWhatFailed', actions: ['sqs:SendMessage'], resources: [deadLetterQueueArn(system)] },
    ],
  });
  keepFailedCalls(stack, 'KeyWatchTries', system, {
    handler: HANDLER,

    oldestSeconds: 3600,
    made: stack.node.findChild('WatchWatchKeys'),
  });
  scheduleFunction(stack, 'KeyWatchSchedule', system, {
    name: 'watch-keys',
    description: 'a look at the KMS keys in use',
    handler: HANDLER,
    schedule: { cron: `0/${EVERY_MINUTES} * * * ? *`, timeZone: 'UTC' },
    input: { look: true, logins } satisfies z.input<typeof WatchKeysRequest>,
    retrySeconds: LATEST_CALL_SECONDS,
  });
  hearOfKeys(stack, system, sources.parameters);
  makeKeyAlarms(stack, system);
}

/** What was seen, for those who may not ask KMS. */
const writeDown = (system: System): Statement[] => [
  listObjects('SeeWhatWasSeen', escrowOf(system), [keyWatchPrefix(system.name)]),
  readObjects('ReadWhatWasSeen', escrowOf(system), [keyWatchKey(system.name, '*')]),
  putObjects('WriteWhatWasSeen', escrowOf(system), [keyWatchKey(system.name, '*')]),
];

/** A trail that records management events has to be there for all but the last: the doctor looks for one. */
function hearOfKeys(stack: Construct, system: System, parameters: string[]): void {
  const call = (eventSource: string, eventName: readonly string[]) => ({
    source: [`aws.${eventSource}`],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: { eventSource: [`${eventSource}.amazonaws.com`], eventName: [...eventName] },
  });
  const patterns: [id: string, what: string, eventPattern: object][] = [
    ['keys-ended', 'somebody ends a KMS key, moves an alias or changes a key policy', call('kms', KEY_CALLS)],
    ['secrets-deleted', 'somebody deletes a secret', call('secretsmanager', SECRET_CALLS)],
  ];
  if (parameters.length > 0)
    patterns.push([
      'parameters-deleted',
      'somebody deletes a parameter that holds a key',
      { source: ['aws.ssm'], 'detail-type': ['Parameter Store Change'], detail: { name: parameters, operation: ['Delete'] } },
    ]);
  const target = system.functionArn(HANDLER);
  for (const [id, what, eventPattern] of patterns) {
    const name = `holdfast-${system.name}-${id}`;
    const rule = new CfnRule(stack, `Hear-${id}`, {
      name,
      description: `Holdfast ${system.name}: ${what}`,
      eventPattern,
      targets: [{ id: 'tell', arn: target, deadLetterConfig: { arn: deadLetterQueueArn(system) } }],
    });
    rule.node.addDependency(stack.node.findChild('WatchWatchKeys'));
  }
  new CfnPermission(stack, 'HearMayCall', {
    action: 'lambda:InvokeFunction',
    functionName: target,
    principal: 'events.amazonaws.com',
    sourceArn: arn(system.home, 'events', `rule/holdfast-${system.name}-*`),
  }).node.addDependency(stack.node.findChild('WatchWatchKeys'));
}

function makeKeyAlarms(stack: Construct, system: System): void {
  const own = { namespace: METRICS_NAMESPACE, dimensions: systemDimensions(system.name), periodSeconds: PERIOD_SECONDS } as const;
  makeAlarm(stack, system, {
    ...own,
    name: `holdfast-${system.name}-keys-endangered`,
    what: 'A KMS key in use, the source of a key or a login is disabled, about to be deleted or gone',
    heading: 'keyEndangered',
    metricName: 'KeysEndangered',
    statistic: 'Maximum',
    // What was so at the last look is so until another look: that there is none, or that it saw nothing, are the next alarms.
    silence: 'ignore',
  });
  makeAlarm(stack, system, {
    ...own,
    name: `holdfast-${system.name}-keys-unseen`,
    what: `For ${LOOKS_MISSED} looks a KMS key in use, the source of a key or a login could not be looked at`,
    heading: 'keysUnwatched',
    metricName: 'KeysUnseen',
    statistic: 'Maximum',
    periods: LOOKS_MISSED,
    silence: 'ignore',
  });
  makeAlarm(stack, system, {
    ...own,
    name: `holdfast-${system.name}-key-watch-silent`,
    what: `For ${LOOKS_MISSED * EVERY_MINUTES} minutes nothing has looked at the KMS keys in use`,
    heading: 'keysUnwatched',
    metricName: 'KeysEndangered',
    statistic: 'SampleCount',
    comparison: 'LessThanThreshold',
    periods: LOOKS_MISSED,
    silence: 'breaching',
  });
  makeAlarm(stack, system, {
    name: `${system.functionRole(HANDLER)}-failed`,
    what: 'The look at the KMS keys in use ended with an error: nobody could be told of them, or what was seen could not be written down',
    heading: 'keysUnwatched',
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: system.functionRole(HANDLER) },
    statistic: 'Sum',
  });
}
