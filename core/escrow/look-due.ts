/** When a value that was opened in both regions is opened again. Pure. */
import { instantOfRun } from '../vault/ids.ts';
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
  if (state.readBackRun > run) return undefined;
  const age = Date.parse(instantOfRun(run)) - Date.parse(instantOfRun(state.readBackRun));
  return age < LOOK_AGAIN_MILLISECONDS ? state.readBackRun : undefined;
}

/** Whether the keys that seal now have sealed it. */
const isSealedBy = ({ sealings }: KeyVersionState, keysId: string): boolean =>
  sealings.some((sealing) => sealing === keysId || sealing.startsWith(`${keysId}-`));

/**
 * An earlier value that a run need not open here. One that hangs on keys which the aliases no longer name is opened by every run: whoever
 * moved an alias may end the key that it named within a week, and until then it can be had back.
 * @param keysId of the keys that seal now (sealingId); undefined when nobody can say
 */
export const isPassedOver = (state: KeyVersionState | undefined, run: string, keysId: string | undefined): boolean =>
  state !== undefined && keysId !== undefined && isSealedBy(state, keysId) && openedLately(state, run) !== undefined;

/** The value that was current when escrow last saw its source. */
export const currentValue = (states: ReadonlyMap<string, KeyVersionState>): string | undefined =>
  [...states.values()]
    .flatMap(({ fingerprint, currentRun }) => (currentRun === undefined ? [] : { fingerprint, order: `${currentRun}/${fingerprint}` }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .at(-1)?.fingerprint;
