/**
 * When EventBridge Scheduler starts a run. croner evaluates the calendar; what happens when clocks change is Scheduler's own rule:
 * a run whose local time does not exist in spring is skipped, and one whose local time comes twice in autumn runs once.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { parseCron, type CronFields } from './cron-fields.ts';
import type { Schedule } from './schema-parts.ts';
import { ZoneClock } from './time-zone.ts';

type When = Pick<Schedule, 'cron' | 'timeZone'>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
/** How far intervals are measured: over five years every weekday, month length, leap day and clock change has had its turn. */
const HORIZON_MS = 5 * YEAR_MS;
/** A leap day may be eight years away; nothing that a cron expression says is rarer than that but by its year. */
const LOOKAHEAD_MS = 9 * YEAR_MS;

const clockFor = (schedule: When, fromMs: number, spanMs: number) =>
  new ZoneClock(schedule.timeZone, fromMs - 2 * DAY_MS, fromMs + spanMs + 2 * DAY_MS);

/** Matching days (as UTC midnights) from the local day of `fromMs` until the end of the span. */
function* matchingDays(fields: CronFields, clock: ZoneClock, fromMs: number, spanMs: number): Generator<number> {
  const firstDay = Math.floor((fromMs + clock.offsetAt(fromMs)) / DAY_MS) * DAY_MS;
  for (let day = fields.nextDay(firstDay); day !== undefined && day <= fromMs + spanMs; day = fields.nextDay(day + DAY_MS)) yield day;
}

/**
 * The next `count` runs strictly after `from`; fewer when the schedule ends, or has none within nine years.
 * @throws CronInvalid when the cron is not one of Scheduler's, RangeError when the zone is unknown
 */
export function nextRuns(schedule: When, from: Date, count: number): Date[] {
  const fields = parseCron(schedule.cron);
  // Reading a zone's clock is what costs: most schedules are answered by the next few months of it.
  const soon = runsWithin(schedule, fields, from.getTime(), YEAR_MS / 4, count);
  return soon.length === count ? soon : runsWithin(schedule, fields, from.getTime(), LOOKAHEAD_MS, count);
}

/**
 * The runs after `from`, up to `to`. `again`: the second instant that a clock set back shows the same time. Scheduler runs once; that it is
 * always the first of the two its documentation does not say.
 */
export function runsBetween(schedule: When, from: Date, to: Date): { at: Date; again: Date | undefined }[] {
  const [fromMs, toMs] = [from.getTime(), to.getTime()];
  const clock = clockFor(schedule, fromMs, toMs - fromMs);
  const runs = runsWithin(schedule, parseCron(schedule.cron), fromMs, toMs - fromMs + DAY_MS, Infinity, clock);
  return runs
    .filter((run) => run.getTime() <= toMs)
    .map((at) => {
      const againMs = clock.secondInstantOf(at.getTime());
      return { at, again: againMs === undefined ? undefined : new Date(againMs) };
    });
}

function runsWithin(
  schedule: When,
  fields: CronFields,
  fromMs: number,
  spanMs: number,
  count: number,
  clock = clockFor(schedule, fromMs, spanMs),
): Date[] {
  const runs: Date[] = [];
  for (const day of matchingDays(fields, clock, fromMs, spanMs)) {
    for (const minute of fields.minutesOfDay) {
      if (runs.length >= count) return runs;
      const instantMs = clock.instantOf(day + minute * MINUTE_MS);
      if (instantMs !== undefined && instantMs > fromMs) runs.push(new Date(instantMs));
    }
  }
  return runs;
}

/**
 * The longest time between two runs that follow each other, over the five years from `now`, clock changes and skipped runs
 * included. Infinity when there are fewer than two runs in that time, or the schedule ends.
 */
export function longestIntervalSeconds(schedule: When, now: Date): number {
  const fields = parseCron(schedule.cron);
  const clock = clockFor(schedule, now.getTime(), HORIZON_MS);
  const changeDays = new Set(
    clock.transitions.flatMap((t) => [t.beforeMs, t.afterMs].map((offset) => Math.floor((t.atMs + offset) / DAY_MS) * DAY_MS)),
  );
  const widestInsideMs = widestGap(fields.minutesOfDay) * MINUTE_MS;
  let longestMs = 0;
  let previousMs: number | undefined;
  for (const day of matchingDays(fields, clock, now.getTime(), HORIZON_MS)) {
    // Days without a clock change are alike inside: their widest gap is known, and only their first and last run matter.
    const isPlain = !changeDays.has(day);
    for (const minute of isPlain ? fields.minutesOfDay.slice(0, 1) : fields.minutesOfDay) {
      const instantMs = clock.instantOf(day + minute * MINUTE_MS);
      if (instantMs === undefined) continue;
      if (previousMs !== undefined) longestMs = Math.max(longestMs, instantMs - previousMs);
      previousMs = instantMs;
    }
    if (!isPlain) continue;
    longestMs = Math.max(longestMs, widestInsideMs);
    previousMs = clock.instantOf(day + (fields.minutesOfDay.at(-1) ?? 0) * MINUTE_MS);
  }
  if (longestMs === 0 || previousMs === undefined) return Infinity;
  const goesOn = nextRuns(schedule, new Date(previousMs), 1).length > 0;
  return goesOn ? longestMs / 1000 : Infinity;
}

const widestGap = (minutes: readonly number[]) =>
  minutes.reduce((widest, minute, i) => Math.max(widest, i === 0 ? 0 : minute - (minutes[i - 1] ?? 0)), 0);

export type SkippedRun = {
  /** Local time that does not exist, as `2027-03-28T02:30`. */
  localTime: string;
  /** Minutes by which the clock is set forward. */
  gapMinutes: number;
  /** How long the runs before and after it are apart, and the longest that they ever are where clocks do not change. */
  intervalSeconds: number;
  usualSeconds: number;
};

/**
 * Runs that Scheduler will skip within `spanYears` of `from`, because their local time does not exist on their day. The interval
 * tells whether that loses anything: an hourly schedule has no longer pause when 02:00 does not exist, a daily one at 02:30 does.
 */
export function skippedRuns(schedule: When, from: Date, spanYears: number): SkippedRun[] {
  const clock = clockFor(schedule, from.getTime(), spanYears * YEAR_MS);
  const fields = parseCron(schedule.cron);
  if (clock.gaps().length === 0) return [];
  const usualSeconds = longestIntervalSeconds({ cron: schedule.cron, timeZone: 'UTC' }, from);
  return clock.gaps().flatMap(({ atMs, fromWallMs, toWallMs }) => {
    const walls = wallsWithin(fields, fromWallMs, toWallMs);
    if (walls.length === 0) return [];
    const intervalSeconds = intervalAround(schedule, fields, atMs, usualSeconds);
    const gapMinutes = (toWallMs - fromWallMs) / MINUTE_MS;
    return walls.map((wallMs) => ({ localTime: new Date(wallMs).toISOString().slice(0, 16), gapMinutes, intervalSeconds, usualSeconds }));
  });
}

function wallsWithin(fields: CronFields, fromWallMs: number, toWallMs: number): number[] {
  const days = new Set([fromWallMs, toWallMs - 1].map((ms) => Math.floor(ms / DAY_MS) * DAY_MS));
  return [...days]
    .filter((day) => fields.nextDay(day) === day)
    .flatMap((day) => fields.minutesOfDay.map((minute) => day + minute * MINUTE_MS))
    .filter((wallMs) => wallMs >= fromWallMs && wallMs < toWallMs);
}

function intervalAround(schedule: When, fields: CronFields, atMs: number, usualSeconds: number): number {
  if (usualSeconds === Infinity) return Infinity;
  const reachMs = usualSeconds * 1000 + DAY_MS;
  const runs = runsWithin(schedule, fields, atMs - reachMs, 2 * reachMs, Infinity).map((run) => run.getTime());
  const before = runs.findLast((run) => run < atMs);
  const after = runs.find((run) => run >= atMs);
  return before === undefined || after === undefined ? Infinity : (after - before) / 1000;
}
