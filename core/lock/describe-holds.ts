import { activeHolds } from '../retention/holds.ts';
import type { HeldFact, ReleasedFact } from '../vault/facts.ts';

type Word = { at: string; by: string; reason: string };
/** A hold of a point; `held` is when it was put on last, `released` is absent while it stands. */
export type HoldState = { hold: string; held: Word; released?: Word };

/** The holds that ever were on a point, in the order of their names. */
export function describeHolds(facts: readonly (HeldFact | ReleasedFact)[]): HoldState[] {
  const standing = new Set(activeHolds(facts));
  const lastOf = (kind: 'held' | 'released', hold: string): Word | undefined => {
    const last = facts
      .filter((fact) => fact.kind === kind && fact.hold === hold)
      .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
      .at(-1);
    return last && { at: last.at, by: last.by, reason: last.reason };
  };
  return [...new Set(facts.map(({ hold }) => hold))].toSorted().flatMap((hold) => {
    const [held, released] = [lastOf('held', hold), lastOf('released', hold)];
    if (!held) return [];
    return [{ hold, held, ...(standing.has(hold) || !released ? {} : { released }) }];
  });
}
