/** Whether a point can be used once it is restored: its content is as recoverable as the keys that it was encrypted with. Pure. */
import { isProvenOffline, isRecoverable, type KeyVersionState } from '../escrow/key-state.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { Manifest } from '../vault/manifest.ts';

/** By key asset, what the places that were looked at know of each value. A key asset that is not named was not looked at. */
export type KnownKeys = Readonly<Record<string, readonly KeyVersionState[]>>;

const FINGERPRINT_CHARACTERS = 12;
/** Every value is opened again within days; one that a season went over without may be gone, with nobody told why. */
const OPENED_WITHIN_DAYS = 90;
const DAY_MS = 86_400_000;

/**
 * Why the point is not restorable: a sentence's middle for each key that nobody could get back, none when it is. One place, or one
 * offline file that was opened before a witness, is enough.
 * @param needsKeys the key assets that the plan says the content needs
 * @param now what was opened long before does not count; undefined when it does, because it is better than nothing
 */
export function findMissingKeys(
  point: { keys: Manifest['keys'] },
  needsKeys: readonly string[],
  known: KnownKeys,
  now: Date | undefined,
): string[] {
  const named = new Set([...needsKeys, ...point.keys.map(({ key }) => key)]);
  return [...named].toSorted().flatMap((key) => {
    const states = known[key];
    if (states === undefined) return [];
    const fingerprints = point.keys.flatMap((one) => (one.key === key ? [one.fingerprint] : []));
    if (fingerprints.length === 0) return [`it names no version of the key ${key}, which was not in escrow when it was made`];
    return fingerprints.flatMap((fingerprint) => {
      const copies = states.filter((state) => state.fingerprint === fingerprint);
      if (copies.some((copy) => (isRecoverable(copy) && isOpenedOfLate(copy, now)) || isProvenOffline(copy))) return [];
      return [`its key ${key} (${fingerprint.slice(0, FINGERPRINT_CHARACTERS)}) ${explainLoss(copies)}`];
    });
  });
}

function isOpenedOfLate({ readBackRun = '' }: KeyVersionState, now: Date | undefined): boolean {
  if (now === undefined) return true;
  // A name that no run gives says nothing of when.
  return /^\d{8}T\d{6}Z/.test(readBackRun) && now.getTime() - Date.parse(instantOfRun(readBackRun)) <= OPENED_WITHIN_DAYS * DAY_MS;
}

function explainLoss(copies: readonly KeyVersionState[]): string {
  if (!copies.some(({ hasEnvelope }) => hasEnvelope)) return 'has no envelope in escrow';
  const stale = copies.flatMap((copy) => (isRecoverable(copy) ? (copy.readBackRun ?? []) : [])).sort();
  if (stale.length > 0) return `was last opened from escrow by the run ${stale.at(-1)}, and ${OPENED_WITHIN_DAYS} days are allowed`;
  const lostRuns = copies.flatMap(({ lostRun }) => lostRun ?? []).sort();
  const newest = lostRuns.at(-1);
  return newest === undefined ? 'was never opened from escrow' : `could not be opened from escrow by the run ${newest}`;
}

/** For messages about one point. */
export const describeNotRestorable = (missing: readonly string[]): string => `not restorable: ${missing.join('; ')}`;
