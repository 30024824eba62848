import { Logger } from '@aws-lambda-powertools/logger';
import type { z } from 'zod';
import { readFormer, readUsed } from '../../adapters/kms/used-keys.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { scheduledSlotId } from '../../core/vault/ids.ts';
import { keyWatchKey } from '../../core/vault/keys.ts';
import { WatchKeysEnvironment, WatchKeysRequest, type WatchKeysAnswer } from '../../core/watch/contract.ts';
import { judgeKeyEvent } from '../../core/watch/endangered.ts';
import { keyAlarmBody, keyAlarmSubject } from '../../core/watch/key-message.ts';
import { isNews, KEY_WATCH_FORMAT, type KeyWatchRecord } from '../../core/watch/key-record.ts';
import { lookAtKeys, readLookBefore, type KeyLooks, type LookBefore } from '../../core/watch/look-at-keys.ts';
import { explainUsed, isEndangered, isUnseen, type Used } from '../../core/watch/used.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';

export type WatchKeysPorts = KeyLooks & {
  system: string;
  region: string;
  escrow: ObjectReader & ObjectWriter;
  notifier: Notifier;
  publish: (counts: { endangered: number; unseen: number }) => void;
  /** For the log, which the alarm leads to: what could not be looked at, and why. */
  warn: (unseen: readonly string[]) => void;
  now: () => Date;
};

/**
 * Told at once when somebody ends a KMS key that the system uses, or the source of a key: by an event of the account's trail. And
 * every few minutes the keys themselves are asked, because events need a trail and are delivered without a guarantee.
 */
export async function watchKeys(request: z.output<typeof WatchKeysRequest>, ports: WatchKeysPorts): Promise<WatchKeysAnswer> {
  const at = ports.now();
  const before = await readLookBefore(ports, at);
  const used = await lookAtKeys('look' in request ? request.logins : undefined, before, ports);
  const [endangered, unseen] = [used.filter(isEndangered).map(explainUsed), used.filter(isUnseen).map(explainUsed)];
  // First the numbers: the alarms on them depend on nothing that follows.
  ports.publish({ endangered: endangered.length, unseen: unseen.length });
  if (unseen.length > 0) ports.warn(unseen);
  const alarm = 'detail' in request ? judgeKeyEvent(request, used) : undefined;
  if (alarm) await ports.notifier.publish(keyAlarmSubject(alarm, ports), keyAlarmBody(alarm, ports));
  await writeDown(used, before, at, ports);
  return { keys: used.filter(({ kind }) => kind === 'key').length, endangered, unseen, told: alarm !== undefined };
}

/** A look that saw what the one before saw is not written down, but for one a day. */
async function writeDown(used: Used[], before: LookBefore, at: Date, { system, region, escrow }: WatchKeysPorts): Promise<void> {
  if ('error' in before) throw before.error;
  const record: KeyWatchRecord = { format: KEY_WATCH_FORMAT, system, region, at: at.toISOString(), used };
  if (!isNews(before.record, record)) return;
  // Of two looks that began in one second the first is kept, and the next look says what it missed.
  await putSameOnce(escrow, keyWatchKey(system, scheduledSlotId(at)), JSON.stringify(record));
}

export const publishCounts =
  (system: string): WatchKeysPorts['publish'] =>
  ({ endangered, unseen }) =>
    putMetrics({ system }, [
      { name: 'KeysEndangered', unit: 'Count', value: endangered },
      { name: 'KeysUnseen', unit: 'Count', value: unseen },
    ]);

export const handler = handle({
  environment: WatchKeysEnvironment,
  request: WatchKeysRequest,
  connect: ({ SYSTEM, REGION, ALIASES, SECRETS, PARAMETERS, ESCROW_BUCKET, ALARM_TOPIC_ARN }): WatchKeysPorts => {
    const list = (text: string) => text.split(',').filter((name) => name !== '');
    const names = { aliases: list(ALIASES), secrets: list(SECRETS), parameters: list(PARAMETERS) };
    const { reader, writer } = openBucket(ESCROW_BUCKET, {}, process.env);
    const logger = new Logger({ serviceName: 'holdfast' });
    return {
      system: SYSTEM,
      region: REGION,
      readUsed: (logins) => readUsed({ ...names, logins }, {}),
      readFormer: (former) => readFormer(former, {}),
      escrow: { ...reader, ...writer },
      notifier: snsNotifier(ALARM_TOPIC_ARN, {}),
      publish: publishCounts(SYSTEM),
      warn: (unseen) => logger.warn('some of what is in use could not be looked at', { unseen }),
      now: () => new Date(),
    };
  },
  run: watchKeys,
});
