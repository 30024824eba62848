import { Logger } from '@aws-lambda-powertools/logger';
import type { z } from 'zod';
import { readUsed } from '../../adapters/kms/used-keys.ts';
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
import { isNews, KEY_WATCH_FORMAT, readKeyWatch, type KeyWatchRecord } from '../../core/watch/key-record.ts';
import type { Login } from '../../core/watch/logins.ts';
import { explainUsed, isEndangered, isUnseen, loginsAmong, type Used } from '../../core/watch/used.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';

export type WatchKeysPorts = {
  system: string;
  region: string;
  readUsed: (logins: readonly Login[] | undefined) => Promise<Used[]>;
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
  const logins = 'look' in request ? request.logins : undefined;
  const used = [...(await ports.readUsed(logins)), ...(logins ? [] : await lastSeen(ports, at))];
  const [endangered, unseen] = [used.filter(isEndangered).map(explainUsed), used.filter(isUnseen).map(explainUsed)];
  // First the numbers: the alarms on them depend on nothing that follows.
  ports.publish({ endangered: endangered.length, unseen: unseen.length });
  if (unseen.length > 0) ports.warn(unseen);
  const alarm = 'detail' in request ? judgeKeyEvent(request, used) : undefined;
  if (alarm) await ports.notifier.publish(keyAlarmSubject(alarm, ports), keyAlarmBody(alarm, ports));
  await writeDown(used, at, ports);
  return { keys: used.filter(({ kind }) => kind === 'key').length, endangered, unseen, told: alarm !== undefined };
}

/** Of the logins. Where it cannot be read any key of the account may be one of theirs. */
async function lastSeen({ system, escrow }: WatchKeysPorts, at: Date): Promise<Used[]> {
  try {
    return loginsAmong((await readKeyWatch(escrow, system, at))?.used ?? []);
  } catch (error) {
    return [{ kind: 'key', state: 'unseen', detail: error instanceof Error ? error.name : 'an unknown error' }];
  }
}

/** A look that saw what the one before saw is not written down, but for one a day. */
async function writeDown(used: Used[], at: Date, { system, region, escrow }: WatchKeysPorts): Promise<void> {
  const record: KeyWatchRecord = { format: KEY_WATCH_FORMAT, system, region, at: at.toISOString(), used };
  if (!isNews(await readKeyWatch(escrow, system, at), record)) return;
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
      escrow: { ...reader, ...writer },
      notifier: snsNotifier(ALARM_TOPIC_ARN, {}),
      publish: publishCounts(SYSTEM),
      warn: (unseen) => logger.warn('some of what is in use could not be looked at', { unseen }),
      now: () => new Date(),
    };
  },
  run: watchKeys,
});
