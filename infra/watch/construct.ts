import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import { METRICS_NAMESPACE, systemDimensions } from '../../core/metrics.ts';
import { keyWatchKey, keyWatchPrefix } from '../../core/vault/keys.ts';
import { LATEST_CALL_SECONDS, WATCH_MINUTES } from '../../core/watch/clock.ts';
import type { WatchRequest } from '../../core/watch/contract.ts';
import { watchedAssets } from '../../core/watch/watched.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, readObjects, vaultOf } from '../grants.ts';
import { makeAlarm } from '../pipeline/alarms.ts';
import { SCHEDULED_TIME, scheduleFunction } from '../pipeline/schedules.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { makeKeyWatch } from './keys.ts';

const HANDLER = 'watch/watch-assets';
const HOUR_SECONDS = 3600;

/**
 * The watcher of one region: by a schedule of its own, over that region's vault and escrow alone, apart from everything that makes
 * points. It may list, read records and send a message.
 */
export function makeWatch(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const [vault, escrow] = [vaultOf(system), escrowOf(system)];
  const records = [`catalog/${name}/`, `runs/${name}/`, `evidence/${name}/`];
  makeFunction(stack, {
    system,
    settings,
    handler: HANDLER,
    description: 'looks for missed slots, broken objectives and missing data, and tells of them',
    timeoutSeconds: 300,
    memoryMiB: 1024,
    environment: {
      SYSTEM: name,
      SIDE: system.side,
      REGION: system.home.region,
      VAULT_BUCKET: system.vaultBucket,
      ESCROW_BUCKET: system.escrowBucket,
      ALARM_TOPIC_ARN: system.alarmTopicArn,
    },
    statements: [
      listObjects('SeeRecords', vault, records),
      readObjects(
        'ReadRecords',
        vault,
        records.map((prefix) => `${prefix}*`),
      ),
      bucketKey('VaultKey', system, vault, 'read'),
      listObjects('SeeEscrow', escrow, [`${name}/`, keyWatchPrefix(name)]),
      readObjects('ReadReadBacks', escrow, [`${name}/*/readback-*.json`, keyWatchKey(name, '*')]),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
    ],
  });
  // A call that is late is not made up for: the next one sees the same.
  new CfnEventInvokeConfig(stack, 'WatchTries', {
    functionName: system.functionRole(HANDLER),
    qualifier: '$LATEST',
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: LATEST_CALL_SECONDS,
  }).node.addDependency(stack.node.findChild('WatchWatchAssets'));
  const input = { at: SCHEDULED_TIME, assets: watchedAssets(system.plan.assets, system.side) } satisfies z.input<typeof WatchRequest>;
  scheduleFunction(stack, 'WatchSchedule', system, {
    name: 'watch',
    description: 'the watcher',
    handler: HANDLER,
    schedule: { cron: `0/${WATCH_MINUTES} * * * ? *`, timeZone: 'UTC' },
    input,
    retrySeconds: LATEST_CALL_SECONDS,
  });
  makeWatchAlarms(stack, system);
  makeKeyWatch(stack, system, settings);
}

/** Of what it finds there are as many alarms as kinds, however many assets; which they are about, its message says. */
function makeWatchAlarms(stack: Construct, system: System): void {
  const found = [
    ['slots-missed', 'SlotsMissed', 'slotMissed', 'A slot was missed, and nothing newer came'],
    ['objectives-broken', 'ObjectivesBroken', 'objectiveBroken', 'What was promised of an asset does not hold'],
    ['without-data', 'WithoutData', 'noData', 'Of an asset nothing is known that should be'],
    ['clocks-differ', 'ClocksDiffer', 'clockDiffers', 'A clock is far from the others'],
  ] as const;
  const own = { namespace: METRICS_NAMESPACE, dimensions: systemDimensions(system.name) };
  const periodSeconds = WATCH_MINUTES * 60;
  for (const [id, metricName, heading, what] of found)
    makeAlarm(stack, system, {
      ...own,
      name: `holdfast-${system.name}-${id}`,
      what,
      heading,
      metricName,
      statistic: 'Maximum',
      periodSeconds,
      // What was wrong at the last look is so until another look: that there is none is the next alarm.
      silence: 'ignore',
    });
  makeAlarm(stack, system, {
    ...own,
    name: `holdfast-${system.name}-watcher-silent`,
    what: 'The watcher has not looked at every asset for an hour',
    heading: 'watcherSilent',
    metricName: 'AssetsWatched',
    statistic: 'Maximum',
    threshold: system.plan.assets.length,
    comparison: 'LessThanThreshold',
    periodSeconds,
    periods: HOUR_SECONDS / periodSeconds,
    silence: 'breaching',
  });
  makeAlarm(stack, system, {
    name: `${system.functionRole(HANDLER)}-failed`,
    what: 'The watcher ended with an error',
    heading: 'watcherSilent',
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: system.functionRole(HANDLER) },
    statistic: 'Sum',
  });
}
