/** Key assets that left the plan and are still in escrow: no colour is theirs, and points of before need them. Pure. */
import { isLost, type KeyVersionState } from '../escrow/key-state.ts';
import { instantText, plural } from '../quantities.ts';
import { instantOfRun } from '../vault/ids.ts';

/** `lost`: fingerprints of values that no place that was looked at could open; `openedAt`: of the value that was opened longest ago. */
export type LeftKey = { key: string; values: number; openedAt: string | undefined; lost: string[]; text: string };

const FINGERPRINT_CHARACTERS = 12;
const RUN = /^\d{8}T\d{6}Z/;

/** Undefined when nothing of it is kept. @param states of each place that was looked at */
export function describeLeftKey(key: string, states: readonly KeyVersionState[]): LeftKey | undefined {
  const byValue = Map.groupBy(
    states.filter(({ hasEnvelope }) => hasEnvelope),
    ({ fingerprint }) => fingerprint,
  );
  if (byValue.size === 0) return undefined;
  const lost = [...byValue].flatMap(([fingerprint, copies]) => (copies.every(isLost) ? fingerprint : [])).toSorted();
  const opened = [...byValue.values()].map((copies) => newest(copies.flatMap(({ readBackRun }) => readBackRun ?? [])));
  const isAllOpened = opened.every((run) => run !== undefined);
  const oldest = opened.flatMap((run) => run ?? []).toSorted()[0];
  const openedAt = isAllOpened && oldest !== undefined ? instantOfRun(oldest) : undefined;
  const when = openedAt === undefined ? 'of which some were never opened' : `each opened at ${instantText(openedAt)} or since`;
  const named = lost.map((fingerprint) => fingerprint.slice(0, FINGERPRINT_CHARACTERS)).join(', ');
  const what = `${key} is no longer in the plan; ${plural(byValue.size, 'value of it stays', 'values of it stay')} in escrow, ${when}`;
  return { key, values: byValue.size, openedAt, lost, text: lost.length === 0 ? what : `${what}; could not be opened any more: ${named}` };
}

const newest = (runs: readonly string[]): string | undefined =>
  runs
    .filter((run) => RUN.test(run))
    .toSorted()
    .at(-1);
