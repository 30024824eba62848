import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { parseJson } from '../../core/parse-json.ts';
import type { FindStarter } from '../../core/ports/find-starter.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** Around the start of the execution, as Step Functions and the trail each have it. */
const SLACK_MILLISECONDS = 60_000;
/** Of 50 events each, and two calls a second are all that an account has. */
const MOST_PAGES = 4;

const Started = z.object({
  eventID: z.string(),
  userIdentity: z.object({ arn: z.string(), principalId: z.string().optional() }),
  responseElements: z.object({ executionArn: z.string() }),
});

/**
 * The event history that every account has: it needs no trail of one's own, keeps 90 days, and is minutes late. Executions are found
 * among all starts of those two minutes, for the service indexes none by its name.
 */
export function cloudTrailStarter(settings: AwsSettings): FindStarter {
  const client = new CloudTrailClient(clientConfig(settings));
  return async (executionArn, startedAt) => {
    const found = paginateLookupEvents(
      { client, pageSize: 50 },
      {
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'StartExecution' }],
        StartTime: new Date(startedAt.getTime() - SLACK_MILLISECONDS),
        EndTime: new Date(startedAt.getTime() + SLACK_MILLISECONDS),
      },
    );
    let pages = 0;
    for await (const { Events = [] } of found) {
      for (const { CloudTrailEvent: text = '' } of Events) {
        const event = Started.safeParse(parseJson(text));
        if (!event.success || event.data.responseElements.executionArn !== executionArn) continue;
        const { eventID: eventId, userIdentity } = event.data;
        return { arn: userIdentity.arn, eventId, ...(userIdentity.principalId ? { callerId: userIdentity.principalId } : {}) };
      }
      pages += 1;
      if (pages === MOST_PAGES) return undefined;
    }
    return undefined;
  };
}
