import type { KeyVersionState } from '../key-state.ts';

/**
 * The values of a key that no place has an offline file of for these recipients, each once. After a new ceremony those are the earlier
 * ones that the source no longer had: what shares of before open stays all that opens them offline.
 * @param states of any of the places
 */
export function valuesWithoutFile(states: readonly KeyVersionState[], recipients: string): string[] {
  const withFile = new Set(
    states.filter(({ offlineFiles }) => offlineFiles.some((file) => file.recipients === recipients)).map(({ fingerprint }) => fingerprint),
  );
  return [...new Set(states.map(({ fingerprint }) => fingerprint))].filter((one) => !withFile.has(one)).toSorted();
}
