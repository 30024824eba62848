/** What the function that notifies people is called with and given: by the alarm topic, by the end of a run, by the clock. */
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { VaultSide } from '../vault/side.ts';
import { Notifications } from '../plan/schema-notifications.ts';

/** Lambda is called by SNS with one record at a time; more than one is documented as possible. */
const TopicEvent = z.object({
  Records: z.array(z.object({ Sns: z.object({ Subject: z.string().nullish(), Message: z.string(), Timestamp: z.string() }) })).min(1),
});
/** Of EventBridge: `Step Functions Execution Status Change`. `output` is left out when it is too long for an event. */
const RunEvent = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  time: z.string(),
  detail: z.object({ executionArn: z.string(), stateMachineArn: z.string(), status: z.string(), output: z.string().nullish() }),
});
/** `receiver`: its place in the plan's list. */
const RemindEvent = z.object({ remind: z.strictObject({ receiver: z.int().min(0), at: z.string() }) });

export const NotifyRequest = z.union([TopicEvent, RunEvent, RemindEvent]);
/** `sent`: to how many receivers; none when nothing had to be said to any. */
export type NotifyAnswer = { sent: number };

export const NotifyEnvironment = z.object({
  SYSTEM: z.string(),
  SIDE: VaultSide,
  REGION: z.string(),
  /** The plan's `notifications`, as JSON. */
  RECEIVERS: z
    .string()
    .transform((text) => parseJson(text))
    .pipe(Notifications),
});

/** What the secret of a receiver holds. */
export const ReceiverSecret = z.object({ url: z.url({ protocol: /^https$/ }), token: z.string().min(1).optional() });
export type ReceiverSecret = z.infer<typeof ReceiverSecret>;

/** A CloudWatch alarm, as its topic and its API tell of it. */
export const AlarmState = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().default(''),
  StateChangeTime: z.string(),
});
export type AlarmState = z.infer<typeof AlarmState>;
