/** Which values that their sources no longer have are opened by a run, and which are brought first to the region that lacks them. Pure. */
import { VaultSide } from '../vault/side.ts';
import type { ListOlderAnswer } from './contract.ts';
import { isLost, type KeyVersionState } from './key-state.ts';
import { currentValue, isPassedOver } from './look-due.ts';

/** Values that one run opens beside those of its versions; with more of them each has its turn every few runs. */
const MOST = 100;

type Envelope = ListOlderAnswer['envelopes'][number];
/** Of one key what each region knows, home first. `isInPlan`: its source is asked, unless it is gone. */
type KnownKey = { key: string; states: readonly ReadonlyMap<string, KeyVersionState>[]; isInPlan: boolean };
/** `opened`: fingerprints; `keysId`: of the keys that seal now, undefined when nobody can say. */
type Run = { run: string; opened: readonly string[]; keysId: string | undefined };

/** All but what this run has opened already, and what both regions have opened within days and is not in use. */
export function selectOlder(keys: readonly KnownKey[], { run, opened, keysId }: Run): ListOlderAnswer {
  const found: { lastRun: string; looks: Envelope[] }[] = [];
  let recent = 0;
  for (const { key, states, isInPlan } of keys) {
    // In use as far as anybody knows: its source is gone, or did not answer.
    const inUse = isInPlan ? states.map(currentValue) : [];
    for (const fingerprint of new Set(states.flatMap((known) => [...known.keys()]))) {
      if (opened.includes(fingerprint)) continue;
      const regions = states.map((known) => known.get(fingerprint));
      if (!inUse.includes(fingerprint) && regions.every((state) => isPassedOver(state, run, keysId))) recent += 1;
      else found.push({ lastRun: lastLook(regions), looks: looksAt({ key, fingerprint, run }, regions) });
    }
  }
  const inTurn = found.toSorted((a, b) => (a.lastRun === b.lastRun ? 0 : a.lastRun < b.lastRun ? -1 : 1));
  // Each place in a round of its own: what cannot be opened at home is just what the other one is for.
  const envelopes = inTurn.slice(0, MOST).flatMap(({ looks }) => looks);
  return { envelopes, later: Math.max(0, found.length - MOST), recent };
}

type Regions = readonly (KeyVersionState | undefined)[];

/**
 * In both regions. One that has no envelope is given that of the other first: a run that died halfway left it so, and the source has the
 * value no more. But where it was opened once and is gone, that is told by a look, and brought back by the next run.
 */
const looksAt = (value: Pick<Envelope, 'key' | 'fingerprint' | 'run'>, regions: Regions): Envelope[] =>
  VaultSide.options.flatMap((place, index): Envelope[] => {
    const state = regions[index];
    const canCopy = state?.hasEnvelope !== true && regions.some((other) => other?.hasEnvelope === true);
    if (canCopy && (state?.readBackRun === undefined || isLost(state))) return [{ ...value, place, copy: true }];
    return state === undefined ? [] : [{ ...value, place }];
  });

/**
 * In the place that was looked at longest ago, of those that have anything of it: one that nothing can be brought to would come first for
 * ever. A look that could not open it was one too, or so would what is lost.
 */
const lastLook = (regions: Regions): string =>
  regions.flatMap((state) => (state === undefined ? [] : ([state.readBackRun ?? '', state.lostRun ?? ''].sort().at(-1) ?? ''))).sort()[0] ??
  '';
