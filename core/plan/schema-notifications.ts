/** The part of a protection plan that says who is told besides the subscribers of the alarm topic. */
import * as z from 'zod';
import { Schedule, SecretName } from './schema-parts.ts';

const Notification = z
  .strictObject({
    kind: z.enum(['slack', 'webhook']).describe('`slack`: an incoming webhook of Slack; `webhook`: any address that takes JSON by POST'),
    secret: SecretName.describe(
      'Name of a secret in each of the two regions, a JSON object with `url` (https) and, where the receiver wants one, `token` (sent as a bearer token)',
    ),
    send: z
      .enum(['failures', 'all'])
      .default('failures')
      .describe('`failures`: what needs somebody, and reminders of it; `all`: also runs that worked and alarms that are over'),
    remind: Schedule.pick({ cron: true, timeZone: true })
      .optional()
      .describe('When to say again which alarms are still standing; nothing is sent while there are none'),
  })
  .describe('One receiver of messages');
export type Notification = z.infer<typeof Notification>;

/** The receivers are looked at by one function, whose environment holds 4 KiB. */
const MOST_RECEIVERS = 8;

export const Notifications = z
  .array(Notification)
  .max(MOST_RECEIVERS)
  .default([])
  .describe('Receivers of messages, besides the subscribers of the alarm topic');
