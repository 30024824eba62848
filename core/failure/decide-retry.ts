/** Whether a failed step is tried again, and when. Pure. */
import { FAILURES, type FailureName } from './classes.ts';

export const MAX_TRIES = 3;
const FIRST_WAIT_SECONDS = 30;
const WAIT_GROWTH = 4;

/** @param tries of the step so far, the failed one included */
export function decideRetry(failure: FailureName, tries: number): { retry: boolean; waitSeconds: number; reason: string } {
  if (!FAILURES[failure].isRetryable) return { retry: false, waitSeconds: 0, reason: 'another try would fail in the same way' };
  if (tries >= MAX_TRIES) return { retry: false, waitSeconds: 0, reason: `it was tried ${tries} times` };
  const waitSeconds = FIRST_WAIT_SECONDS * WAIT_GROWTH ** (tries - 1);
  return { retry: true, waitSeconds, reason: `try ${tries + 1} of ${MAX_TRIES} follows in ${waitSeconds} s` };
}
