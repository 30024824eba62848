import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { AlarmState } from '../../core/notify/contract.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** The alarms that stand now, of those whose names begin so. */
export async function listStandingAlarms(namePrefix: string, settings: AwsSettings): Promise<AlarmState[]> {
  const client = new CloudWatchClient(clientConfig(settings));
  const found: AlarmState[] = [];
  for await (const page of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: namePrefix, StateValue: 'ALARM', AlarmTypes: ['MetricAlarm'] },
  ))
    for (const { AlarmName, AlarmDescription, StateValue, StateReason, StateUpdatedTimestamp } of page.MetricAlarms ?? [])
      found.push(
        AlarmState.parse({
          AlarmName,
          AlarmDescription,
          NewStateValue: StateValue,
          NewStateReason: StateReason,
          StateChangeTime: StateUpdatedTimestamp?.toISOString() ?? '',
        }),
      );
  return found;
}
