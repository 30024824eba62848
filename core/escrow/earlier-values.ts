/** Values that were in use before the present one: rows that are encrypted anew little by little, or by a key ring, may be of any. Pure. */
import { instantOfRun } from '../vault/ids.ts';
import { escrowPrefix } from '../vault/keys.ts';
import { inUseByTurns } from './current-key.ts';
import { parseRunFact } from './fact-names.ts';

/**
 * Values that may have been in use after this instant, as far as escrow saw it, the newest first. One was in use until a run saw another
 * in its place. One that no run ever saw in use was replaced before the first that saw it at all.
 * @param listedKeys keys of the objects under the key asset's prefix
 * @param now what is dated after it was written by no run
 */
export function selectInUseAfter(listedKeys: readonly string[], system: string, key: string, after: Date, now: Date): string[] {
  const until = new Map<string, Date>();
  const turns = inUseByTurns(listedKeys, system, key, now);
  for (const [i, { fingerprint }] of turns.entries()) {
    const next = turns[i + 1];
    until.set(fingerprint, next === undefined ? now : new Date(instantOfRun(next.run)));
  }
  for (const [fingerprint, files] of filesOfValues(listedKeys, escrowPrefix(system, key))) {
    // Before that fact is there the value is not known to be in escrow.
    if (until.has(fingerprint) || !files.some((file) => file.startsWith('version-'))) continue;
    const [first] = files.flatMap((file) => parseRunFact(file, now)?.run ?? []).sort();
    until.set(fingerprint, first === undefined ? now : new Date(instantOfRun(first)));
  }
  const found = [...until].filter(([, end]) => end > after);
  return found
    .toSorted(([a, first], [b, second]) => second.getTime() - first.getTime() || (a < b ? -1 : 1))
    .map(([fingerprint]) => fingerprint);
}

function filesOfValues(listedKeys: readonly string[], prefix: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const listed of listedKeys) {
    const [, fingerprint, file] = /^([0-9a-f]+)\/([^/]+)$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    if (fingerprint !== undefined && file !== undefined) found.set(fingerprint, [...(found.get(fingerprint) ?? []), file]);
  }
  return found;
}
