/** Key assets that left the plan and are still in escrow: no colour is theirs, and points of before need them. Pure. */
import { isLost, type KeyVersionState } from '../escrow/key-state.ts';
import { instantText, plural } from '../quantities.ts';
import { instantOfRun } from '../vault/ids.ts';

/**
 * `lost`: fingerprints of values that no place that was looked at could open, or has an envelope of any more; `openedAt`: of the value
 * that was opened longest ago.
 */
export type LeftKey = { key: string; values: number; openedAt: string | undefined; lost: string[]; text: string };

const FINGERPRINT_CHARACTERS = 12;

/** Undefined when nothing of it was ever kept. @param states of each place that was looked at */
export function describeLeftKey(key: string, states: readonly KeyVersionState[]): LeftKey | undefined {
  const byValue = [...Map.groupBy(states, ({ fingerprint }) => fingerprint)];
  const kept = byValue.flatMap(([fingerprint, copies]) => {
    const whole = copies.filter(({ hasEnvelope }) => hasEnvelope);
    return whole.length === 0 ? [] : [{ fingerprint, copies: whole }];
  });
  const gone = byValue.filter(([, copies]) => copies.every((copy) => !copy.hasEnvelope) && copies.some(wasKept));
  if (kept.length === 0 && gone.length === 0) return undefined;
  const unopened = kept.flatMap(({ fingerprint, copies }) => (copies.every(isLost) ? fingerprint : [])).toSorted();
  const without = gone.map(([fingerprint]) => fingerprint).toSorted();
  const opened = kept.map(({ copies }) => newest(copies.flatMap(({ readBackRun }) => readBackRun ?? [])));
  const isAllOpened = opened.every((run) => run !== undefined);
  const oldest = opened.flatMap((run) => run ?? []).toSorted()[0];
  const openedAt = isAllOpened && oldest !== undefined ? instantOfRun(oldest) : undefined;
  const text = [
    `${key} is no longer in the plan; ${describeKept(kept.length, openedAt)}`,
    ...(unopened.length === 0 ? [] : [`could not be opened any more: ${named(unopened)}`]),
    ...(without.length === 0 ? [] : [`has no envelope any more: ${named(without)}`]),
  ].join('; ');
  return { key, values: kept.length, openedAt, lost: [...unopened, ...without].toSorted(), text };
}

/** Facts come after the envelope that they are of: where there is one, there was an envelope. */
const wasKept = ({ secretVersions, readBackRun, lostRun, currentRun }: KeyVersionState): boolean =>
  secretVersions.length > 0 || [readBackRun, lostRun, currentRun].some((run) => run !== undefined);

function describeKept(values: number, openedAt: string | undefined): string {
  if (values === 0) return 'no value of it stays in escrow';
  const when = openedAt === undefined ? 'of which some were never opened' : `each opened at ${instantText(openedAt)} or since`;
  return `${plural(values, 'value of it stays', 'values of it stay')} in escrow, ${when}`;
}

const named = (fingerprints: readonly string[]) =>
  fingerprints.map((fingerprint) => fingerprint.slice(0, FINGERPRINT_CHARACTERS)).join(', ');

const newest = (runs: readonly string[]): string | undefined => runs.toSorted().at(-1);
