/** How long points of one asset are kept, as the plan says it, in seconds. The machine's definition carries it to the functions. */
import * as z from 'zod';
import { durationSeconds } from '../plan/durations.ts';
import type { PostgresAsset } from '../plan/schema-assets.ts';

export const RetentionPolicy = z.strictObject({
  /** Every point is kept for so long. */
  hotSeconds: z.number().min(1),
  /** So is the first point of a month, for longer; of a calendar month in `zone`. */
  monthlySeconds: z.number().min(1).optional(),
  /** Never fewer proven points than this. */
  keepProven: z.int().min(1),
  zone: z.string(),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

export const retentionPolicy = ({ retention, schedule }: PostgresAsset): RetentionPolicy => ({
  hotSeconds: durationSeconds(retention.hot),
  ...(retention.monthly === undefined ? {} : { monthlySeconds: durationSeconds(retention.monthly) }),
  keepProven: retention.keepProven,
  zone: schedule.timeZone,
});
