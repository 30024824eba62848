/** When a value that was opened in both regions is opened again. Pure. */
import { slotInstant } from '../vault/ids.ts';
import { isRecoverable, type KeyVersionState } from './key-state.ts';

/**
 * What is in use is opened by every run, for it has the limit of the key's RPO. An earlier value is opened once a week: each look
 * leaves a record in both regions that is locked for two years, and a parameter alone may have a hundred values. What ends many values
 * at once, a KMS key that goes, is seen by the key watch within minutes and by the opening of the value in use every day; a point counts
 * as not restorable when its value was not opened for ninety days.
 */
const LOOK_AGAIN_DAYS = 7;
/** Runs do not begin on the second: without it every other weekly run would pass over what it opened the last time. */
const HOUR_MILLISECONDS = 3_600_000;
const LOOK_AGAIN_MILLISECONDS = LOOK_AGAIN_DAYS * 24 * HOUR_MILLISECONDS - HOUR_MILLISECONDS;

/** The run that opened it here so lately that this one need not; undefined when it is to be opened. What is dated ahead says nothing. */
export function openedLately(state: KeyVersionState | undefined, run: string): string | undefined {
  if (state?.readBackRun === undefined || !isRecoverable(state)) return undefined;
  const [then, now] = [state.readBackRun, run].map((id) => /^\d{8}T\d{6}Z/.exec(id)?.[0]);
  if (then === undefined || now === undefined || state.readBackRun > run) return undefined;
  const age = slotInstant(now).getTime() - slotInstant(then).getTime();
  return age < LOOK_AGAIN_MILLISECONDS ? state.readBackRun : undefined;
}

/** The value that was current when escrow last saw its source. */
export const currentValue = (states: ReadonlyMap<string, KeyVersionState>): string | undefined =>
  [...states.values()]
    .flatMap(({ fingerprint, currentRun }) => (currentRun === undefined ? [] : { fingerprint, order: `${currentRun}/${fingerprint}` }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .at(-1)?.fingerprint;
