import { slotInstant } from '../vault/ids.ts';
import { escrowPrefix } from '../vault/keys.ts';
import type { KeyVersionState } from './key-state.ts';

/** Kind of the fact that says, by its name alone, which value of a key was the current one when its run looked. */
export const CURRENT = 'current';

/**
 * The fingerprint of the value that the secret held as current when escrow last ran. Of the envelopes' own times nothing can be
 * said: a first run escrows old versions beside the new one, and a rotation may be taken back.
 * @param listedKeys keys of the objects under the key asset's prefix: listing is all that is needed
 */
export function selectCurrentFingerprint(listedKeys: readonly string[], system: string, key: string): string | undefined {
  return currentInOrder(listedKeys, system, key).at(-1)?.fingerprint;
}

/**
 * The values that became current after this instant, as far as escrow saw it, the newest first: of a key that was rotated twice between
 * two points the rows may be of either.
 */
export function selectCurrentAfter(listedKeys: readonly string[], system: string, key: string, after: Date): string[] {
  const turns = currentInOrder(listedKeys, system, key).filter(({ fingerprint }, i, all) => fingerprint !== all[i - 1]?.fingerprint);
  const later = turns.filter(({ run }) => RUN_ID.test(run) && slotInstant(run.slice(0, RUN_TIME_LENGTH)) > after);
  return [...new Set(later.map(({ fingerprint }) => fingerprint).toReversed())];
}

/** The id of a run starts with its time. Of one run's two facts, before it has settled which is right, every reader takes the same. */
function currentInOrder(listedKeys: readonly string[], system: string, key: string): { fingerprint: string; run: string }[] {
  const prefix = escrowPrefix(system, key);
  const runs = listedKeys.flatMap((listed) => {
    const [, fingerprint, run] =
      /^([0-9a-f]+)\/current-(.+)\.json$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    return fingerprint && run ? [{ fingerprint, run, order: `${run}/${fingerprint}` }] : [];
  });
  return runs.toSorted((a, b) => (a.order < b.order ? -1 : 1));
}

/** A name that no run gives says nothing. */
const RUN_ID = /^\d{8}T\d{6}Z-/;
const RUN_TIME_LENGTH = 16;

export type CurrentRun = { fingerprint: string; secretVersions: readonly string[]; run: string };

/** The values of a key that were said to be current in this run or later: more than one when it was rotated meanwhile. */
export const selectCurrentSince = (states: ReadonlyMap<string, KeyVersionState>, run: string): CurrentRun[] =>
  [...states.values()].flatMap(({ fingerprint, secretVersions, currentRun }) =>
    currentRun !== undefined && currentRun >= run && RUN_ID.test(currentRun) ? [{ fingerprint, secretVersions, run: currentRun }] : [],
  );

/** The id of a fact that counts more than those of this run, and less than those of any run that begins later than a second after it. */
export const idAfter = (run: string): string =>
  `${new Date(slotInstant(run.slice(0, RUN_TIME_LENGTH)).getTime() + 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z${run.slice(RUN_TIME_LENGTH)}`;
