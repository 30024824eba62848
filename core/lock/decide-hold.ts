/** What becomes of the holds of a point that somebody wants one put on, or released. Pure. */
import { HoldfastError } from '../failure/error.ts';
import { activeHolds } from '../retention/holds.ts';
import type { HeldFact, ReleasedFact } from '../vault/facts.ts';
import type { HoldInput } from './contract.ts';

class HoldUnknown extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(point: string, what: string, standing: readonly string[]) {
    super(
      `No hold of ${point} was released: ${what}, and ${standing.length === 0 ? 'no hold stands on it' : `these stand on it: ${standing.join(', ')}`}`,
      'See `npx holdfast hold list`, and name the hold with --name',
    );
  }
}

export type HoldDecision = {
  hold: string;
  /** The kind of fact to write; undefined when it is so already. */
  write: 'held' | 'released' | undefined;
  /** Holds that stand when that is done. */
  holds: string[];
};

/**
 * A hold that stands is not put on again, and one that was released is not released again: the same wish twice, or in the other vault
 * to which the first one's fact has come, changes nothing. Throws HoldUnknown.
 * @param facts of the point
 */
export function decideHold(
  { action, asset, point, name }: Pick<HoldInput, 'action' | 'asset' | 'point' | 'name'>,
  facts: readonly (HeldFact | ReleasedFact)[],
  run: string,
): HoldDecision {
  const standing = activeHolds(facts);
  // A step that is tried again has written it already.
  const own = facts.find(({ id }) => id === run);
  if (own) return { hold: own.hold, write: undefined, holds: standing };
  if (action === 'add') {
    const hold = name ?? `hold-${run}`;
    const isNew = !standing.includes(hold);
    return { hold, write: isNew ? 'held' : undefined, holds: isNew ? [...standing, hold].toSorted() : standing };
  }
  const [only, ...others] = standing;
  const hold = name ?? (others.length === 0 ? only : undefined);
  if (hold === undefined) throw new HoldUnknown(`${asset}/${point}`, 'none was named', standing);
  if (!facts.some((fact) => fact.hold === hold))
    throw new HoldUnknown(`${asset}/${point}`, `it never had one of the name '${hold}'`, standing);
  const stands = standing.includes(hold);
  return { hold, write: stands ? 'released' : undefined, holds: standing.filter((other) => other !== hold) };
}
