import type { z } from 'zod';
import { readUsedKeys } from '../../adapters/kms/used-keys.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import { WatchKeysEnvironment, WatchKeysRequest, type WatchKeysAnswer } from '../../core/watch/contract.ts';
import { judgeKeyEvent, selectEndangered, type UsedKey } from '../../core/watch/endangered.ts';
import { keyAlarmBody, keyAlarmSubject } from '../../core/watch/key-message.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';

export type WatchKeysPorts = {
  system: string;
  region: string;
  /** Names of the secrets and parameters that the plan names here. */
  sources: readonly string[];
  readUsedKeys: () => Promise<UsedKey[]>;
  notifier: Notifier;
  publish: (endangered: number) => void;
};

/**
 * Told at once when somebody ends a KMS key that the system uses, or the source of a key: by an event of the account's trail. And
 * every few minutes the keys themselves are asked, because events need a trail and are delivered without a guarantee.
 */
export async function watchKeys(request: z.output<typeof WatchKeysRequest>, ports: WatchKeysPorts): Promise<WatchKeysAnswer> {
  const used = await ports.readUsedKeys();
  const endangered = selectEndangered(used);
  ports.publish(endangered.length);
  const alarm = 'detail' in request ? judgeKeyEvent(request, used, ports.sources) : undefined;
  if (alarm) await ports.notifier.publish(keyAlarmSubject(alarm, ports), keyAlarmBody(alarm, ports));
  return { keys: used.length, endangered, told: alarm !== undefined };
}

export const handler = handle({
  environment: WatchKeysEnvironment,
  request: WatchKeysRequest,
  connect: ({ SYSTEM, REGION, ALIASES, SECRETS, PARAMETERS, ALARM_TOPIC_ARN }): WatchKeysPorts => {
    const list = (text: string) => text.split(',').filter((name) => name !== '');
    const [secrets, parameters] = [list(SECRETS), list(PARAMETERS)];
    return {
      system: SYSTEM,
      region: REGION,
      sources: [...secrets, ...parameters],
      readUsedKeys: () => readUsedKeys({ aliases: list(ALIASES), secrets }, {}),
      notifier: snsNotifier(ALARM_TOPIC_ARN, {}),
      publish: (value) => putMetrics({ system: SYSTEM }, [{ name: 'KeysEndangered', unit: 'Count', value }]),
    };
  },
  run: watchKeys,
});
