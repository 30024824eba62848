/** A topic of the emulator with a subscriber that keeps what arrives. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { vi } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { rootSettings, uniqueSuffix } from './servers.ts';

export type Message = { Subject: string; Message: string };
type Notification = { Type: string; Subject?: string; Message: string; Token?: string };

export type AlarmTopic = Awaited<ReturnType<typeof makeAlarmTopic>>;

export async function makeAlarmTopic(region: string) {
  const received: Notification[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification);
      answer.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sns = new SNSClient(clientConfig(rootSettings(region)));
  const arn = (await sns.send(new CreateTopicCommand({ Name: `alarms-${uniqueSuffix()}` }))).TopicArn ?? '';
  const found = (isWanted: (one: Notification) => boolean) =>
    vi.waitFor(() => {
      const one = received.find(isWanted);
      if (!one) throw new Error('nothing arrived yet');
      return one;
    }, 5_000);
  await subscribe(arn);
  return {
    arn,
    subscribe,
    /** The message that holds the text. */
    message: (text: string): Promise<Message> =>
      found(({ Type, Message }) => Type === 'Notification' && Message.includes(text)).then(({ Subject = '', Message }) => ({
        Subject,
        Message,
      })),
    /** Everything that arrived so far. */
    all: () => received.filter(({ Type }) => Type === 'Notification'),
    count: (text: string) => received.filter(({ Type, Message }) => Type === 'Notification' && Message.includes(text)).length,
    close: () => server.close(),
  };

  async function subscribe(topicArn: string): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const before = received.length;
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/` }));
    const { Token } = await found((one) => one.Type === 'SubscriptionConfirmation' && received.indexOf(one) >= before);
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token }));
  }
}
