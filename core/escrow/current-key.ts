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
  const prefix = escrowPrefix(system, key);
  const runs = listedKeys.flatMap((listed) => {
    const [, fingerprint, run] =
      /^([0-9a-f]+)\/current-(.+)\.json$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    return fingerprint && run ? [{ fingerprint, run }] : [];
  });
  // The id of a run starts with its time. Of one run's two facts, before it has settled which is right, every reader takes the same.
  const order = ({ fingerprint, run }: (typeof runs)[number]) => `${run}/${fingerprint}`;
  return runs.reduce<(typeof runs)[number] | undefined>(
    (newest, next) => (newest && order(newest) > order(next) ? newest : next),
    undefined,
  )?.fingerprint;
}

/** A name that no run gives says nothing. */
const RUN_ID = /^\d{8}T\d{6}Z-/;

export type CurrentRun = { fingerprint: string; secretVersions: readonly string[]; run: string };

/** The values of a key that were said to be current in this run or later: more than one when it was rotated meanwhile. */
export const selectCurrentSince = (states: ReadonlyMap<string, KeyVersionState>, run: string): CurrentRun[] =>
  [...states.values()].flatMap(({ fingerprint, secretVersions, currentRun }) =>
    currentRun !== undefined && currentRun >= run && RUN_ID.test(currentRun) ? [{ fingerprint, secretVersions, run: currentRun }] : [],
  );

/** The id of a fact that counts more than those of this run, and less than those of any run that begins later than a second after it. */
export const idAfter = (run: string): string =>
  `${new Date(slotInstant(run.slice(0, 16)).getTime() + 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z${run.slice(16)}`;
