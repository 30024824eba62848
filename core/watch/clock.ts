/** By which clock a watcher judges: Scheduler says for when it is, the function's own clock says when it is. Pure. */
import { describeSeconds } from '../plan/durations.ts';
import type { Finding } from './finding.ts';

/** How often a watcher looks. */
export const WATCH_MINUTES = 15;
/** A call that comes later than this is tried no more: the next one is due. */
export const LATEST_CALL_SECONDS = 900;
/** Scheduler tries for so long, Lambda keeps a call for as long again, and the function itself takes a while. */
const LATE_SECONDS = 2 * LATEST_CALL_SECONDS + 300;
const EARLY_SECONDS = 300;

export type WatchClock = {
  /** The instant that is judged. */
  at: Date;
  /** What began to be true after `since`, up to `until`, is told by this call: each instant is in one call's span. */
  since: Date;
  until: Date;
  finding: Finding | undefined;
};

/** @param scheduled undefined when somebody called it by hand */
export function decideClock(scheduled: Date | undefined, now: Date): WatchClock {
  const until = scheduled ?? now;
  const since = new Date(until.getTime() - WATCH_MINUTES * 60_000);
  const aheadSeconds = (now.getTime() - until.getTime()) / 1000;
  if (aheadSeconds >= -EARLY_SECONDS && aheadSeconds <= LATE_SECONDS) return { at: now, since, until, finding: undefined };
  const text = `The watcher’s clock is ${describeSeconds(Math.abs(aheadSeconds))} ${aheadSeconds > 0 ? 'ahead of' : 'behind'} Scheduler’s, which it goes by`;
  return { at: until, since, until, finding: { kind: 'clock-differs', asset: '', text } };
}
