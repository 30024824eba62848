import type { Fact } from '../vault/facts.ts';

/** Names of the holds that are on a point: those put on it and not released since. In the order of their names. */
export function activeHolds(facts: readonly Fact[]): string[] {
  const last = new Map<string, 'held' | 'released'>();
  // `at` is UTC in one form. A hold and its release in one instant: the hold stays.
  const ofHolds = facts.flatMap((fact) => (fact.kind === 'held' || fact.kind === 'released' ? [fact] : []));
  const rank = { released: 0, held: 1 };
  for (const { hold, kind } of ofHolds.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank[a.kind] - rank[b.kind]))
    last.set(hold, kind);
  return [...last].flatMap(([hold, kind]) => (kind === 'held' ? [hold] : [])).toSorted();
}
