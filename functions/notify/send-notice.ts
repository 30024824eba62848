import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { listStandingAlarms } from '../../adapters/cloudwatch/list-alarms.ts';
import { MessageNotDelivered, postJson } from '../../adapters/webhook/post-json.ts';
import { NotifyEnvironment, NotifyRequest, ReceiverSecret, type AlarmState, type NotifyAnswer } from '../../core/notify/contract.ts';
import { isFor, readNotices, remindOf, type Notice } from '../../core/notify/read-notice.ts';
import { renderNotice } from '../../core/notify/render-notice.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { Notification } from '../../core/plan/schema-notifications.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';

export type NotifyPorts = {
  system: string;
  side: VaultSide;
  region: string;
  receivers: readonly Notification[];
  readSecret: (name: string) => Promise<string | undefined>;
  standingAlarms: () => Promise<AlarmState[]>;
  post: typeof postJson;
};

/**
 * One receiver that takes nothing keeps no other from being told: every one is tried, and then those that were not reached are an
 * error, so that the call is made again. Who was reached may hear the same twice.
 */
export async function sendNotice(request: z.output<typeof NotifyRequest>, ports: NotifyPorts): Promise<NotifyAnswer> {
  const orders = await findOrders(request, ports);
  const results = await Promise.allSettled(orders.map((order) => deliver(order, ports)));
  const failed = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failed.length === 1) throw failed[0];
  if (failed.length > 1)
    throw new MessageNotDelivered(
      `${failed.length} receivers`,
      failed.map((reason) => (reason instanceof Error ? reason.message : 'unknown')).join('; '),
      { cause: new AggregateError(failed) },
    );
  return { sent: results.length };
}

type Order = { notice: Notice; receiver: Notification };

async function findOrders(request: z.output<typeof NotifyRequest>, ports: NotifyPorts): Promise<Order[]> {
  if (!('remind' in request))
    return readNotices(request, ports).flatMap((notice) =>
      ports.receivers.filter((receiver) => isFor(notice, receiver)).map((receiver) => ({ notice, receiver })),
    );
  const receiver = ports.receivers[request.remind.receiver];
  if (receiver === undefined) return [];
  const notice = remindOf(await ports.standingAlarms(), request.remind.at, ports);
  return notice === undefined ? [] : [{ notice, receiver }];
}

async function deliver({ notice, receiver }: Order, { system, region, readSecret, post }: NotifyPorts): Promise<void> {
  const name = `the ${receiver.kind} of the secret '${receiver.secret}'`;
  const text = await readSecret(receiver.secret).catch((cause: unknown) => {
    throw new MessageNotDelivered(name, `the secret could not be read (${cause instanceof Error ? cause.name : typeof cause})`, { cause });
  });
  const secret = ReceiverSecret.safeParse(parseJson(text ?? ''));
  if (!secret.success) throw new MessageNotDelivered(name, 'the secret is not a JSON object with an https address as `url`');
  await post({ receiver: name, ...secret.data, body: renderNotice(notice, receiver.kind, { system, region }) });
}

export const handler = handle({
  environment: NotifyEnvironment,
  request: NotifyRequest,
  connect: ({ SYSTEM, SIDE, REGION, RECEIVERS }): NotifyPorts => {
    const secrets = new SecretsManagerClient(clientConfig({}));
    return {
      system: SYSTEM,
      side: SIDE,
      region: REGION,
      receivers: RECEIVERS,
      readSecret: async (SecretId) => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString,
      standingAlarms: () => listStandingAlarms(`holdfast-${SYSTEM}-`, {}),
      post: postJson,
    };
  },
  run: sendNotice,
});
