import { TaskTimedOut } from './errors.ts';

/** Time for removing what was begun, before the machine ends the task by force. */
const REMOVAL_SECONDS = 90;

/** A longer one fires at once. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/**
 * Aborts, with TaskTimedOut as the reason, shortly before the longest run of the plan is over: whoever works towards it can still
 * remove what it made. `stop` when the work has ended.
 */
export function deadlineSignal(longestRunSeconds: number): { signal: AbortSignal; stop: () => void } {
  const seconds = Math.max(longestRunSeconds - REMOVAL_SECONDS, longestRunSeconds / 2);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TaskTimedOut(seconds)), Math.min(seconds * 1000, LONGEST_TIMER_MILLISECONDS));
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
