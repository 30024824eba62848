/** Who ends a key that the system uses, or deletes the source of one: told by events, and seen by asking KMS. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import { placeOf, type KeyStore } from '../../core/escrow/key-place.ts';
import { METRICS_NAMESPACE, systemDimensions } from '../../core/metrics.ts';
import type { KeyPurpose } from '../../core/names.ts';
import type { WatchKeysRequest } from '../../core/watch/contract.ts';
import { KEY_CALLS, SECRET_CALLS } from '../../core/watch/endangered.ts';
import { makeFunction } from '../function.ts';
import { useKey } from '../grants.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { scheduleFunction } from '../pipeline/schedules.ts';
import { deadLetterQueueArn } from '../pipeline/shared.ts';
import type { Settings } from '../settings.ts';
import { arn, secretArn, type System } from '../system.ts';

const HANDLER = 'watch/watch-keys';
const PURPOSES: readonly KeyPurpose[] = ['vault', 'escrow', 'fingerprint', 'evidence'];
const EVERY_MINUTES = 5;
const LATEST_CALL_SECONDS = 600;

/** Of one region: keys are a region's own, and so are the events about them. */
export function makeKeyWatch(stack: Construct, system: System, settings: Settings): void {
  const { name, home } = system;
  const sources = namesOfSources(system);
  makeFunction(stack, {
    system,
    settings,
    handler: HANDLER,
    description: 'tells when a KMS key in use, or the source of a key, is about to go',
    environment: {
      SYSTEM: name,
      REGION: home.region,
      ALIASES: PURPOSES.map(system.keyAlias).join(','),
      SECRETS: sources.secrets.join(','),
      PARAMETERS: sources.parameters.join(','),
      ALARM_TOPIC_ARN: system.alarmTopicArn,
    },
    statements: [
      ...PURPOSES.map((purpose, i) => useKey(`LookAtTheKey${i + 1}`, system, home, purpose, ['kms:DescribeKey'])),
      ...(sources.secrets.length === 0
        ? []
        : [
            {
              sid: 'SeeTheKeysOfSecrets',
              actions: ['secretsmanager:DescribeSecret'],
              resources: sources.secrets.map((secret) => secretArn(home, secret)),
              why: 'Secrets Manager ends the ARN of a secret with six random characters.',
            },
            {
              sid: 'LookAtTheKeysOfSecrets',
              actions: ['kms:DescribeKey'],
              resources: [arn(home, 'kms', 'key/*')],
              why: 'The plan names secrets, not their keys: which these are only Secrets Manager says. The state of a key is no secret.',
            },
          ]),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
      { sid: 'KeepWhatFailed', actions: ['sqs:SendMessage'], resources: [deadLetterQueueArn(system)] },
    ],
  });
  new CfnEventInvokeConfig(stack, 'KeyWatchTries', {
    functionName: system.functionRole(HANDLER),
    qualifier: '$LATEST',
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destination: deadLetterQueueArn(system) } },
  }).node.addDependency(stack.node.findChild('WatchWatchKeys'));
  scheduleFunction(stack, 'KeyWatchSchedule', system, {
    name: 'watch-keys',
    description: 'a look at the KMS keys in use',
    handler: HANDLER,
    schedule: { cron: `0/${EVERY_MINUTES} * * * ? *`, timeZone: 'UTC' },
    input: { look: true } satisfies z.input<typeof WatchKeysRequest>,
    retrySeconds: LATEST_CALL_SECONDS,
  });
  hearOfKeys(stack, system, sources.parameters);
  makeKeyAlarms(stack, system);
}

/** A trail that records management events has to be there for all but the last: the doctor looks for one. */
function hearOfKeys(stack: Construct, system: System, parameters: string[]): void {
  const call = (eventSource: string, eventName: readonly string[]) => ({
    source: [`aws.${eventSource}`],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: { eventSource: [`${eventSource}.amazonaws.com`], eventName: [...eventName] },
  });
  const patterns: [id: string, what: string, eventPattern: object][] = [
    ['keys-ended', 'somebody ends a KMS key or moves an alias', call('kms', KEY_CALLS)],
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
  makeAlarm(stack, system, {
    name: `holdfast-${system.name}-keys-endangered`,
    what: 'A KMS key in use is disabled, about to be deleted or gone',
    heading: 'keyEndangered',
    namespace: METRICS_NAMESPACE,
    metricName: 'KeysEndangered',
    dimensions: systemDimensions(system.name),
    statistic: 'Maximum',
    periodSeconds: EVERY_MINUTES * 60,
    silence: 'ignore',
  });
  makeAlarm(stack, system, {
    name: `${system.functionRole(HANDLER)}-failed`,
    what: 'The KMS keys in use could not be looked at, or nobody could be told of them',
    heading: 'keysUnwatched',
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: system.functionRole(HANDLER) },
    statistic: 'Sum',
  });
}

/** Where the plan's keys are in use, which is at home. */
function namesOfSources(system: System): { secrets: string[]; parameters: string[] } {
  const places = system.side === 'replica' ? [] : system.keyAssets.map(({ source }) => placeOf(source));
  const inStore = (store: KeyStore) => [...new Set(places.flatMap((place) => (place.store === store ? [place.name] : [])))];
  return { secrets: inStore('secret'), parameters: inStore('parameter') };
}
