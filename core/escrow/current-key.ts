import { instantOfRun, laterRun } from '../vault/ids.ts';
import { escrowPrefix } from '../vault/keys.ts';
import { parseRunFact } from './fact-names.ts';
import type { KeyVersionState } from './key-state.ts';

/** Kind of the fact that says, by its name alone, which value of a key was the current one when its run looked. */
export const CURRENT = 'current';

/**
 * The fingerprint of the value that the secret held as current when escrow last ran. Of the envelopes' own times nothing can be
 * said: a first run escrows old versions beside the new one, and a rotation may be taken back.
 * @param listedKeys keys of the objects under the key asset's prefix: listing is all that is needed
 * @param now what is dated after it was written by no run
 */
export function selectCurrentFingerprint(listedKeys: readonly string[], system: string, key: string, now: Date): string | undefined {
  return currentInOrder(listedKeys, system, key, now).at(-1)?.fingerprint;
}

/**
 * The values that became current after this instant, as far as escrow saw it, the newest first: of a key that was rotated twice between
 * two points the rows may be of either.
 */
export function selectCurrentAfter(listedKeys: readonly string[], system: string, key: string, after: Date, now: Date): string[] {
  const later = inUseByTurns(listedKeys, system, key, now).filter(({ run }) => new Date(instantOfRun(run)) > after);
  return [...new Set(later.map(({ fingerprint }) => fingerprint).toReversed())];
}

/** The values in the order in which they came into use, each with the first run that saw it there; one that came back comes again. */
export const inUseByTurns = (
  listedKeys: readonly string[],
  system: string,
  key: string,
  now: Date,
): { fingerprint: string; run: string }[] =>
  currentInOrder(listedKeys, system, key, now).filter(({ fingerprint }, i, all) => fingerprint !== all[i - 1]?.fingerprint);

/** The id of a run starts with its time. Of one run's two facts, before it has settled which is right, every reader takes the same. */
function currentInOrder(listedKeys: readonly string[], system: string, key: string, now: Date): { fingerprint: string; run: string }[] {
  const prefix = escrowPrefix(system, key);
  const runs = listedKeys.flatMap((listed) => {
    const [, fingerprint, name = ''] = /^([0-9a-f]+)\/([^/]+)$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    const fact = parseRunFact(name, now);
    return fingerprint && fact?.kind === CURRENT ? [{ fingerprint, run: fact.run, order: `${fact.run}/${fingerprint}` }] : [];
  });
  return runs.toSorted((a, b) => (a.order < b.order ? -1 : 1));
}

export type CurrentRun = { fingerprint: string; secretVersions: readonly string[]; run: string };

/** The values of a key that were said to be current in this run or later: more than one when it was rotated meanwhile. */
export const selectCurrentSince = (states: ReadonlyMap<string, KeyVersionState>, run: string): CurrentRun[] =>
  [...states.values()].flatMap(({ fingerprint, secretVersions, currentRun }) =>
    currentRun !== undefined && currentRun >= run ? [{ fingerprint, secretVersions, run: currentRun }] : [],
  );

/** The id of a fact that counts more than those of this run, and less than those of any run that begins later than a second after it. */
export const idAfter = (run: string): string => laterRun(run, 1);
