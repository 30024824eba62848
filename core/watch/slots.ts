/** Slots whose time is over: which of them nothing came of. Pure; the calendar is Scheduler's (core/plan/cron.ts). */
import { runsBetween } from '../plan/cron.ts';
import { durationSeconds } from '../plan/durations.ts';
import type { Schedule } from '../plan/schema-parts.ts';

/** For the start of a run, the lag of a listing, and clocks that differ a little. */
export const SLACK_SECONDS = 15 * 60;

/** A slot missed is told when its time is over, and once more in the summary of the day: none is looked for longer. */
export const LOOKED_BACK_SECONDS = 2 * 86_400;

/** `times`: the instants that the slot may have had, two of them where a clock that is set back shows its time twice. */
export type DueSlot = { slot: Date; times: readonly Date[]; deadline: Date };

/** How long after its slot a run is over: the longest that it may take, and some slack. */
export const runSeconds = (schedule: Pick<Schedule, 'longestRun'>): number => durationSeconds(schedule.longestRun) + SLACK_SECONDS;

/** The slots whose deadlines were after `from`, up to `to`, oldest first. */
export function slotsDue(schedule: Schedule, from: Date, to: Date): DueSlot[] {
  const afterMs = runSeconds(schedule) * 1000;
  const [first, last] = [from, to].map((at) => new Date(at.getTime() - afterMs)) as [Date, Date];
  return runsBetween(schedule, first, last).map(({ at, again }) => ({
    slot: at,
    times: again === undefined ? [at] : [at, again],
    deadline: new Date(at.getTime() + afterMs),
  }));
}

/**
 * @param isMade whether anything came of a slot that was at this instant
 * @param beginsAt when there first was anything of the asset: slots of before that were nobody's
 */
export const missedSlots = (
  schedule: Schedule,
  { at, beginsAt, isMade }: { at: Date; beginsAt: Date; isMade: (slot: Date) => boolean },
): DueSlot[] =>
  slotsDue(schedule, new Date(at.getTime() - LOOKED_BACK_SECONDS * 1000), at).filter(
    ({ slot, times }) => slot.getTime() >= beginsAt.getTime() && !times.some(isMade),
  );
