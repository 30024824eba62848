import { durationDays } from '../plan/durations.ts';
import type { PostgresAsset } from '../plan/schema-assets.ts';

/** "For ever" is a lock of this length, renewed when fewer days than that are left of it: once a year. */
export const FOREVER_LOCK_DAYS = 800;
export const FOREVER_RENEWAL_DAYS = FOREVER_LOCK_DAYS - 365;

/** Days of the longest lock that a point of the asset may ever get: its first one, that of the longest window, or that of "for ever". */
export function longestPointLockDays({ lock, retention }: Pick<PostgresAsset, 'lock' | 'retention'>): number {
  if (retention.forever) return Math.max(durationDays(lock.length), FOREVER_LOCK_DAYS);
  const windows = [retention.hourly, retention.daily, retention.monthly, retention.yearly];
  return Math.max(...[lock.length, ...windows].flatMap((length) => (length === undefined ? [] : [durationDays(length)])));
}
