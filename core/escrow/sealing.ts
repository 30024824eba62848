/**
 * Names of envelopes. A value has one for each pair of escrow keys that sealed it, and another when that one turned out to be no good
 * while the source still held the value. Which of them counts, whoever opens them finds out. Pure.
 */
import { createHash } from 'node:crypto';
import type { LossReason } from './errors.ts';
import { isLost, type KeyVersionState } from './key-state.ts';

const ID_DIGITS = 16;

/** Names the pair of keys that an envelope is sealed with: `envelope-<id>`. */
export const sealingId = (homeKeyArn: string, replicaKeyArn: string): string =>
  createHash('sha256').update(`holdfast/sealing/v1\n${homeKeyArn}\n${replicaKeyArn}`).digest('hex').slice(0, ID_DIGITS);

/** Where another envelope of the same keys opens what this one does not. A key that is disabled or gone seals nothing either. */
const MENDED_BY_ANOTHER: ReadonlySet<LossReason> = new Set(['envelope-altered', 'other-context', 'other-key', 'value-differs']);

/** What one region has of a value; `lostReason` of the newest run that could not open it. */
export type EscrowedValue = { state: KeyVersionState; lostReason: LossReason | undefined };

/**
 * What the next envelope of a value is named by, or undefined when there is nothing to be made: the one of these keys is there, and
 * no region says that it is no good. One that was made since the last look is looked at first.
 */
export function selectSealing(keysId: string, run: string, regions: readonly EscrowedValue[]): string | undefined {
  const made = newestSealing(
    keysId,
    run,
    regions.flatMap(({ state }) => state.sealings),
  );
  if (made === undefined) return keysId;
  const madeIn = made.slice(keysId.length + 1);
  const isBad = regions.some(
    ({ state, lostReason }) =>
      isLost(state) && lostReason !== undefined && MENDED_BY_ANOTHER.has(lostReason) && (state.lostRun ?? '') >= madeIn,
  );
  return isBad ? `${keysId}-${run}` : undefined;
}

/**
 * Of those that these keys sealed the one that was made last: a run's id begins with its time. One that is dated ahead of this run was
 * made by no run: it keeps none from being made, and is not what goes to the second region.
 */
export const newestSealing = (keysId: string, run: string, sealings: readonly string[]): string | undefined =>
  sealings
    .filter((one) => one === keysId || (one.startsWith(`${keysId}-`) && one.slice(keysId.length + 1) <= run))
    .toSorted()
    .at(-1);
