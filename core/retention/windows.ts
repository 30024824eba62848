/** Hours, days, months and years of a zone's calendar, and the first good point of each. */
import { ZoneClock } from '../plan/time-zone.ts';
import { compareAge, type PointState } from './point-state.ts';
import type { RetentionPolicy } from './policy.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type WindowName = 'hourly' | 'daily' | 'monthly' | 'yearly';

/** Number of the hour, day, month or year that an instant is in, given what the clocks of the zone are ahead of UTC by then. */
const NUMBER_OF: Record<WindowName, (atMs: number, offsetMs: number) => number> = {
  // By its start in UTC: the hour that comes twice in autumn is two.
  hourly: (atMs, offsetMs) => Math.floor((atMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs,
  daily: (atMs, offsetMs) => Math.floor((atMs + offsetMs) / DAY_MS),
  monthly: (atMs, offsetMs) => {
    const local = new Date(atMs + offsetMs);
    return local.getUTCFullYear() * 12 + local.getUTCMonth();
  },
  yearly: (atMs, offsetMs) => new Date(atMs + offsetMs).getUTCFullYear(),
};

export type Window = {
  name: WindowName;
  seconds: number;
  /** The point that stands for the hour, day, month or year which another is in. */
  firstBeside: (point: PointState) => PointState | undefined;
};

/** The windows of a policy over the good points of an asset. */
export function openWindows(good: readonly PointState[], policy: RetentionPolicy): Window[] {
  const asked = (Object.keys(NUMBER_OF) as WindowName[]).flatMap((name) => {
    const seconds = policy[`${name}Seconds`];
    return seconds === undefined ? [] : [{ name, seconds }];
  });
  const oldestFirst = good.toSorted(compareAge);
  const [oldest, newest] = [oldestFirst[0], oldestFirst.at(-1)];
  if (asked.length === 0 || !oldest || !newest) return [];
  const clock = new ZoneClock(policy.zone, oldest.instant.getTime() - 2 * DAY_MS, newest.instant.getTime() + 2 * DAY_MS);
  return asked.map(({ name, seconds }) => {
    const numberOf = ({ instant }: PointState) => NUMBER_OF[name](instant.getTime(), clock.offsetAt(instant.getTime()));
    const firsts = new Map<number, PointState>();
    for (const point of oldestFirst) {
      const number = numberOf(point);
      if (!firsts.has(number)) firsts.set(number, point);
    }
    return { name, seconds, firstBeside: (point) => firsts.get(numberOf(point)) };
  });
}
