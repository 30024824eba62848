/** Which versions of the sources one run takes up: an execution can only do so much before its history is full. Pure. */
import { createHash } from 'node:crypto';
import type { KeyVersion } from './contract.ts';
import { isLost, type KeyVersionState } from './key-state.ts';

/**
 * A version that fails three times leaves some sixty events, and an older envelope fifty. With 100 values of those in two regions, and
 * nothing that goes well, it is 20,000 of the 25,000 events that Step Functions lets an execution have.
 */
export const MOST_VERSIONS = 200;

/**
 * Versions that every region knows, has an envelope of, and did not fail to open: what is done with them is done again at every run,
 * and they are among the older envelopes of one that does not take them.
 * @param regions what each region that was looked at has of the key
 */
export function selectSettled(regions: readonly ReadonlyMap<string, KeyVersionState>[]): Set<string> {
  const [first, ...others] = regions.map(
    (states) => new Set([...states.values()].flatMap((state) => (state.hasEnvelope && !isLost(state) ? state.secretVersions : []))),
  );
  return new Set([...(first ?? [])].filter((version) => others.every((settled) => settled.has(version))));
}

/**
 * What the users of a key are given comes first, then what is not settled, then the rest. Of those that do not all fit, each run takes
 * others: versions that fail every time would otherwise keep the same ones waiting for ever.
 * @returns `later`: how many that are not settled wait for the next run
 */
export function selectVersions(
  listed: readonly KeyVersion[],
  isSettled: (version: KeyVersion) => boolean,
  run: string,
  most = MOST_VERSIONS,
): { versions: KeyVersion[]; later: number } {
  const ranked = listed.map((version, position) => {
    const rank = version.problem !== undefined || version.label === 'current' ? 0 : isSettled(version) ? 2 : 1;
    return { version, position, rank, turn: turnOf(run, version) };
  });
  const inTurn = ranked.toSorted((a, b) => a.rank - b.rank || (a.turn < b.turn ? -1 : 1));
  const taken = inTurn.slice(0, most).toSorted((a, b) => a.position - b.position);
  return { versions: taken.map(({ version }) => version), later: inTurn.slice(most).filter(({ rank }) => rank < 2).length };
}

const turnOf = (run: string, { key, secretVersion }: KeyVersion): string =>
  createHash('sha256').update(`${run}\n${key}\n${secretVersion}`).digest('hex');
