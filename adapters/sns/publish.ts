import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notifier } from '../../core/ports/notifier.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

export function snsNotifier(topicArn: string, settings: AwsSettings): Notifier {
  const client = new SNSClient(clientConfig(settings));
  return {
    async publish(subject, body) {
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body }));
    },
  };
}
