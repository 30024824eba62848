/** Whether a point can be used once it is restored: its content is as recoverable as the keys that it was encrypted with. Pure. */
import { isRecoverable, type KeyVersionState } from '../escrow/key-state.ts';
import { isProvenOffline, lastProof, wasProvenOffline } from '../escrow/offline/last-proof.ts';
import { describeSeconds } from '../plan/durations.ts';
import { ageSeconds } from '../status/time.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { NeededKeys, OfflineTerms } from './key-needs.ts';

/** By key asset, what the places that were looked at know of each value. A key asset that is not named was not looked at. */
export type KnownKeys = Readonly<Record<string, readonly KeyVersionState[]>>;

const FINGERPRINT_CHARACTERS = 12;
/** Every value is opened again within days; one that a season went over without may be gone, with nobody told why. */
const OPENED_WITHIN_DAYS = 90;
const OPENED_WITHIN_SECONDS = OPENED_WITHIN_DAYS * 86_400;

/** `text`: middle of a sentence. `mayOpen`: it was got back once, too long ago or by others than the plan names, and may be again. */
export type KeyProblem = { text: string; mayOpen: boolean };

/**
 * Why the point is not restorable: one for each key that nobody could get back, none when it is. One place that opened it of late is
 * enough, or one offline file for the recipients of the plan that was opened before a witness, as lately as the plan wants it.
 */
export function findKeyProblems(
  point: { keys: Manifest['keys'] },
  { needsKeys, offline }: NeededKeys,
  known: KnownKeys,
  now: Date,
): KeyProblem[] {
  const named = new Set([...needsKeys, ...point.keys.map(({ key }) => key)]);
  return [...named].toSorted().flatMap((key): KeyProblem[] => {
    const states = known[key];
    if (states === undefined) return [];
    const fingerprints = point.keys.flatMap((one) => (one.key === key ? [one.fingerprint] : []));
    if (fingerprints.length === 0)
      return [{ text: `it names no version of the key ${key}, which was not in escrow when it was made`, mayOpen: false }];
    return fingerprints.flatMap((fingerprint) => {
      const copies = states.filter((state) => state.fingerprint === fingerprint);
      if (copies.some((copy) => isRecoverable(copy) && ageOf(copy.readBackRun, now) <= OPENED_WITHIN_SECONDS)) return [];
      const { isProven, why } = judgeOffline(copies, offline[key], now);
      if (isProven) return [];
      const text = `its key ${key} (${fingerprint.slice(0, FINGERPRINT_CHARACTERS)}) ${[explainLoss(copies), ...why].join('; ')}`;
      return [{ text, mayOpen: copies.some(isRecoverable) || wasProvenOffline(copies, now) }];
    });
  });
}

export const findMissingKeys = (...judged: Parameters<typeof findKeyProblems>): string[] =>
  findKeyProblems(...judged).map(({ text }) => text);

const ageOf = (run: string | undefined, now: Date): number => (run === undefined ? Infinity : ageSeconds(instantOfRun(run), now));

/** `why`: what is to be said of a proof that does not count. */
function judgeOffline(
  copies: readonly KeyVersionState[],
  terms: OfflineTerms[string] | undefined,
  now: Date,
): { isProven: boolean; why: string[] } {
  const last = terms && lastProof(copies, terms.recipients, now);
  if (!terms || last === undefined) {
    const others = 'its offline file was proven for recipients that the plan does not name';
    return { isProven: false, why: isProvenOffline(copies, now) ? [others] : [] };
  }
  if (!last.hasPassed) return { isProven: false, why: ['its offline file did not give it when witnesses last looked'] };
  if (last.madeAgain !== undefined)
    return { isProven: false, why: [`its offline file was made again by the run ${last.madeAgain}, and not proven since`] };
  const age = ageOf(last.run, now);
  if (age <= terms.validSeconds) return { isProven: true, why: [] };
  return {
    isProven: false,
    why: [`its offline file was last proven ${describeSeconds(age)} ago, and ${describeSeconds(terms.validSeconds)} are allowed`],
  };
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

/** In an emergency all else of a database may be worth having. */
export const refuseWithoutKeys = (missing: readonly string[]): string =>
  `${describeNotRestorable(missing)}. With "withoutKeys": true (\`--without-keys\`) it is restored all the same, and what they encrypted stays unreadable`;
