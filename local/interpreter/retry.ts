import { isMatch } from './errors.ts';
import type { Retrier } from './language.ts';

/**
 * Milliseconds to wait before the next try, or undefined when no retrier takes the error any more. The first that names the error
 * decides, and each counts its own attempts.
 */
export function nextDelayMs(
  retriers: readonly Retrier[],
  attempts: Map<Retrier, number>,
  error: string,
  random: () => number,
): number | undefined {
  const retrier = retriers.find((candidate) => isMatch(candidate.ErrorEquals, error));
  const attempt = retrier ? (attempts.get(retrier) ?? 0) : 0;
  if (!retrier || attempt >= retrier.MaxAttempts) return undefined;
  attempts.set(retrier, attempt + 1);
  const backedOff = retrier.IntervalSeconds * retrier.BackoffRate ** attempt;
  const bounded = Math.min(backedOff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return 1_000 * (retrier.JitterStrategy === 'FULL' ? bounded * random() : bounded);
}
