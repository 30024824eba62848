/**
 * EventBridge Scheduler as its documentation has it, by going through the hours: a time of the clock that comes starts a run when it comes
 * first. Written apart from core/plan/cron.ts, and from any calendar but the runtime's own.
 */
const STEP_MS = 30 * 60_000;

/** @param isTime whether a local time, as `HH:MM`, is one of the schedule's */
export function scheduledRuns(timeZone: string, from: Date, to: Date, isTime: (clock: string) => boolean): Date[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const shown = new Set<string>();
  const runs: Date[] = [];
  for (let at = from.getTime(); at <= to.getTime(); at += STEP_MS) {
    const wall = format.format(at);
    if (shown.has(wall) || !isTime(wall.slice(-5))) continue;
    shown.add(wall);
    runs.push(new Date(at));
  }
  return runs;
}
