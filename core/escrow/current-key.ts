import { escrowPrefix } from '../vault/keys.ts';

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
  // The id of a run starts with its time.
  return runs.reduce<(typeof runs)[number] | undefined>((newest, next) => (newest && newest.run > next.run ? newest : next), undefined)
    ?.fingerprint;
}
