/** Runs whose local time does not exist when clocks are set forward: EventBridge Scheduler skips them without a word. */
import { nextRuns, skippedRuns, type SkippedRun } from '../cron.ts';
import { describeSeconds } from '../durations.ts';
import type { Schedule } from '../schema.ts';
import { finding, type Rule } from './rule.ts';
import { allSchedules, intervalOf } from './schedules.ts';

const YEARS_AHEAD = 3;

export const checkSkippedRuns: Rule = (plan, now) =>
  allSchedules(plan).flatMap(({ schedule, path }) => {
    if (intervalOf(schedule, now) === undefined) return [];
    const lost = skippedRuns(schedule, now, YEARS_AHEAD).filter((run) => run.intervalSeconds > run.usualSeconds);
    const [first] = lost;
    if (first === undefined) return [];
    const times = lost.map((run) => run.localTime.replace('T', ' ')).join(', ');
    const problem = `In ${schedule.timeZone} there is no ${times}: Scheduler skips the run, and ${describeSeconds(first.intervalSeconds)} pass without one`;
    return [finding(plan, 'warning', [...path, 'cron'], problem, alternative(schedule, first, now))];
  });

/** The same time by a clock that is never set forward, or as far before or after as the clock jumps. */
function alternative(schedule: Schedule, skipped: SkippedRun, now: Date): string {
  const inUtc = 'write the time in UTC with `timeZone: UTC`';
  const moved = [-skipped.gapMinutes, skipped.gapMinutes].flatMap((by) => moveBy(schedule, by) ?? []);
  const good = moved.find(
    (cron) => skippedRuns({ ...schedule, cron }, now, YEARS_AHEAD).length === 0 && nextRuns({ ...schedule, cron }, now, 1).length === 1,
  );
  return good === undefined ? `${inUtc[0]?.toUpperCase()}${inUtc.slice(1)}` : `Write cron: '${good}', or ${inUtc}`;
}

/** Only for one time a day: minutes and hours as plain numbers, moved within the same day. */
function moveBy(schedule: Schedule, minutes: number): string | undefined {
  const [minute = '', hour = '', ...days] = schedule.cron.trim().split(/\s+/);
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour)) return undefined;
  const moved = Number(hour) * 60 + Number(minute) + minutes;
  return moved >= 0 && moved < 24 * 60 ? [moved % 60, Math.floor(moved / 60), ...days].join(' ') : undefined;
}
