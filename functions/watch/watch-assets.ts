import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import { decideClock } from '../../core/watch/clock.ts';
import { WatchEnvironment, WatchRequest, type WatchAnswer } from '../../core/watch/contract.ts';
import { watchBody, watchSubject } from '../../core/watch/message.ts';
import { countFindings, selectTold } from '../../core/watch/select-told.ts';
import { watchSystem, type WatchPorts } from '../../core/watch/watch-system.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';

export type WatchAssetsPorts = WatchPorts & {
  region: string;
  notifier: Notifier;
  publish: (counts: Omit<WatchAnswer, 'told'>) => void;
  now: () => Date;
};

/** Looks at every asset from one side, says in numbers what is wrong, and in words what is new of it. */
export async function watchAssets({ at, assets }: z.output<typeof WatchRequest>, ports: WatchAssetsPorts): Promise<WatchAnswer> {
  const clock = decideClock(at === undefined ? undefined : new Date(at), ports.now());
  const watched = await watchSystem(assets, ports, clock.at);
  const findings = [...watched.findings, ...(clock.finding ? [clock.finding] : [])];
  const told = selectTold(findings, clock);
  const counts = { watched: assets.length, ...countFindings(findings, told) };
  // First the numbers: the alarms on them do not depend on the message.
  ports.publish(counts);
  if (told.findings.length > 0) await ports.notifier.publish(watchSubject(told, ports), watchBody(told, ports));
  return { ...counts, told: told.findings.length };
}

export const handler = handle({
  environment: WatchEnvironment,
  request: WatchRequest,
  connect: (environment): WatchAssetsPorts => ({
    system: environment.SYSTEM,
    side: environment.SIDE,
    region: environment.REGION,
    vault: openBucket(environment.VAULT_BUCKET, {}, process.env).reader,
    escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
    notifier: snsNotifier(environment.ALARM_TOPIC_ARN, {}),
    publish: ({ watched, slotsMissed, objectivesBroken, withoutData, clocksDiffer }) =>
      putMetrics({ system: environment.SYSTEM }, [
        { name: 'AssetsWatched', unit: 'Count', value: watched },
        { name: 'SlotsMissed', unit: 'Count', value: slotsMissed },
        { name: 'ObjectivesBroken', unit: 'Count', value: objectivesBroken },
        { name: 'WithoutData', unit: 'Count', value: withoutData },
        { name: 'ClocksDiffer', unit: 'Count', value: clocksDiffer },
      ]),
    now: () => new Date(),
  }),
  run: watchAssets,
});
