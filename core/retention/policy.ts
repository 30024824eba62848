/** How long points of one asset are kept, as the plan says it, in seconds. The machine's definition carries it to the functions. */
import * as z from 'zod';
import { durationSeconds } from '../plan/durations.ts';
import type { Duration } from '../plan/schema.ts';
import type { PostgresAsset } from '../plan/schema-assets.ts';
import { ColdClass } from '../plan/schema-parts.ts';

const Seconds = z.number().min(1);

export const RetentionPolicy = z.strictObject({
  /** Every point is kept for so long. */
  hotSeconds: Seconds,
  /** So is the first good point of an hour, a day, a month or a year of the calendar in `zone`. */
  hourlySeconds: Seconds.optional(),
  dailySeconds: Seconds.optional(),
  monthlySeconds: Seconds.optional(),
  yearlySeconds: Seconds.optional(),
  /** Never fewer good points than this, and never fewer proven ones than that. */
  keepLast: z.int().min(1).optional(),
  keepProven: z.int().min(1),
  /** No point ever expires. */
  forever: z.literal(true).optional(),
  /** Data of points that are older moves there. */
  cold: z.strictObject({ afterSeconds: Seconds, class: ColdClass }).optional(),
  /** IANA time zone: that of the schedule, by which people know the points. */
  zone: z.string(),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** A month counts as its longest, a year as a leap year: what a plan promises to keep never ends early. */
export const retentionPolicy = ({ retention, schedule }: Pick<PostgresAsset, 'retention' | 'schedule'>): RetentionPolicy => ({
  hotSeconds: durationSeconds(retention.hot),
  ...seconds('hourlySeconds', retention.hourly),
  ...seconds('dailySeconds', retention.daily),
  ...seconds('monthlySeconds', retention.monthly),
  ...seconds('yearlySeconds', retention.yearly),
  ...(retention.keepLast === undefined ? {} : { keepLast: retention.keepLast }),
  keepProven: retention.keepProven,
  ...(retention.forever ? { forever: true } : {}),
  ...(retention.cold ? { cold: { afterSeconds: durationSeconds(retention.cold.after), class: retention.cold.class } } : {}),
  zone: schedule.timeZone,
});

const seconds = <K extends string>(field: K, length: Duration | undefined): Partial<Record<K, number>> =>
  length === undefined ? {} : ({ [field]: durationSeconds(length) } as Record<K, number>);
