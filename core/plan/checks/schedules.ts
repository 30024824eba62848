/** Every schedule is one that EventBridge Scheduler takes, goes on for ever, and leaves its runs the time that they may take. */
import { CronInvalid } from '../cron-fields.ts';
import { longestIntervalSeconds, nextRuns } from '../cron.ts';
import { describeSeconds, durationSeconds } from '../durations.ts';
import type { ProtectionPlan, Schedule } from '../schema.ts';
import { isTimeZone } from '../time-zone.ts';
import { allAssets, captureSchedule, finding, type Path, type Rule } from './rule.ts';

const RUNS_COMPARED = 50;

export function allSchedules(plan: ProtectionPlan): { schedule: Schedule; path: Path }[] {
  return allAssets(plan).flatMap((entry) => {
    const capture = captureSchedule(entry);
    if (entry.asset.kind !== 'postgres') return [capture];
    const { schedule, fromReplica } = entry.asset.drill;
    return [
      capture,
      { schedule, path: [...entry.path, 'drill', 'schedule'] },
      ...(fromReplica ? [{ schedule: fromReplica, path: [...entry.path, 'drill', 'fromReplica'] }] : []),
    ];
  });
}

/** Undefined when nothing can be computed from this schedule: `checkSchedules` says why, other rules are silent. */
export function intervalOf(schedule: Schedule, now: Date): number | undefined {
  const isUsable = isTimeZone(schedule.timeZone) && problemOfCron(schedule.cron) === undefined;
  const seconds = isUsable ? longestIntervalSeconds(schedule, now) : Infinity;
  return seconds === Infinity ? undefined : seconds;
}

function problemOfCron(cron: string): CronInvalid | undefined {
  try {
    nextRuns({ cron, timeZone: 'UTC' }, new Date(0), 0);
    return undefined;
  } catch (error) {
    if (error instanceof CronInvalid) return error;
    throw error;
  }
}

/** Reminders take no time of their own: of theirs only the cron and the zone can be wrong. */
const reminders = (plan: ProtectionPlan): { schedule: Schedule; path: Path }[] =>
  plan.notifications.flatMap(({ remind }, i) =>
    remind === undefined ? [] : [{ schedule: { ...remind, longestRun: 'PT1M' }, path: ['notifications', i, 'remind'] }],
  );

export const checkSchedules: Rule = (plan, now) =>
  [...allSchedules(plan), ...reminders(plan)].flatMap(({ schedule, path }) => {
    const invalid = problemOfCron(schedule.cron);
    const findings = invalid ? [finding(plan, 'error', [...path, 'cron'], invalid.message, invalid.advice)] : [];
    if (!isTimeZone(schedule.timeZone)) {
      findings.push(
        finding(
          plan,
          'error',
          [...path, 'timeZone'],
          'This is not a time zone of the IANA database',
          'Write one such as UTC or Europe/Berlin',
        ),
      );
    }
    return findings.length > 0 ? findings : [...checkEnd(plan, path, schedule, now), ...checkOverlap(plan, path, schedule, now)];
  });

function checkEnd(plan: ProtectionPlan, path: Path, schedule: Schedule, now: Date) {
  if (longestIntervalSeconds(schedule, now) < Infinity) return [];
  const runs = nextRuns(schedule, now, 1).length;
  const problem = runs === 0 ? 'No run ever comes of this schedule' : 'This schedule ends, or has fewer than two runs within five years';
  return [finding(plan, 'error', [...path, 'cron'], problem, 'Write * for the year, and days that every month has')];
}

function checkOverlap(plan: ProtectionPlan, path: Path, schedule: Schedule, now: Date) {
  const runs = nextRuns(schedule, now, RUNS_COMPARED).map((run) => run.getTime());
  const shortest = Math.min(...runs.slice(1).map((run, i) => (run - (runs[i] ?? 0)) / 1000));
  if (shortest >= durationSeconds(schedule.longestRun)) return [];
  const problem = `A run may still go on when the next one starts ${describeSeconds(shortest)} later`;
  return [finding(plan, 'warning', [...path, 'longestRun'], problem, 'Shorten the longest run, or run less often')];
}
