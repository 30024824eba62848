/** Whether a version of a key may be replaced: not before it is in escrow, and was opened again in both regions. Pure. */
import { describeSeconds } from '../plan/durations.ts';
import { ageSeconds } from '../status/time.ts';
import { instantOfRun } from '../vault/ids.ts';
import { isRecoverable, type KeyVersionState } from './key-state.ts';
import type { SourceVersion } from './ports.ts';

export type GuardQuestion = {
  key: string;
  /** All that the source still has. */
  versions: readonly SourceVersion[];
  /** What each of the two regions has in escrow, and the versions that it knows to have no value. */
  places: readonly { name: string; states: ReadonlyMap<string, KeyVersionState>; empty: ReadonlySet<string> }[];
  /** How old the newest opening may be. */
  limitSeconds: number;
  /** The version that a rotation under way makes: once it is current there is nothing left to be replaced. */
  replacement?: string | undefined;
};

/** Why the rotation is refused, a sentence for each reason; none when it may go on. */
export function findObstacles({ key, versions, places, limitSeconds, replacement }: GuardQuestion, now: Date): string[] {
  const current = versions.find(({ label }) => label === 'current');
  if (current === undefined) return [`The source of ${key} has no current version`];
  if (current.id === replacement) return [];
  return places.flatMap(({ name, states, empty }): string[] => {
    // Values that the source may drop at the next change: that they are in escrow is enough, for whether they open is an alarm by itself.
    const unknown = versions.filter(({ id, label }) => label === 'old' && stateOf(states, id) === undefined && !empty.has(id));
    return [
      ...unknown.map(({ id }) => `An earlier version of ${key} (${id}) is not in escrow in ${name}`),
      ...judgeCurrent(stateOf(states, current.id), `The version of ${key} that would be replaced (${current.id})`, name, limitSeconds, now),
    ];
  });
}

/**
 * Before a rotation makes its version current. What it has begun it is to end, so only a value that escrow does not have stands in its
 * way: one that was made current by hand since the rotation began, and nobody looked at.
 */
export function findObstaclesAtEnd({ key, versions, places, replacement }: Omit<GuardQuestion, 'limitSeconds'>): string[] {
  const current = versions.find(({ label }) => label === 'current');
  if (current === undefined || current.id === replacement) return [];
  const missing = places.filter(({ states }) => stateOf(states, current.id)?.hasEnvelope !== true);
  return missing.map(({ name }) => `The version of ${key} that is current by now (${current.id}) is not in escrow in ${name}`);
}

function judgeCurrent(state: KeyVersionState | undefined, what: string, name: string, limitSeconds: number, now: Date): string[] {
  if (!state?.hasEnvelope) return [`${what} is not in escrow in ${name}`];
  if (!isRecoverable(state))
    return [state.lostRun ? `${what} could not be opened in ${name} by the run ${state.lostRun}` : `${what} was never opened in ${name}`];
  const age = state.readBackRun === undefined ? Infinity : ageSeconds(instantOfRun(state.readBackRun), now);
  return age <= limitSeconds
    ? []
    : [`${what} was last opened in ${name} by the run ${state.readBackRun}, and ${describeSeconds(limitSeconds)} are allowed`];
}

/**
 * A version may stand under two values: the plan names another field of the secret now, or another fingerprint key took its
 * fingerprint. That which was current last is what it is used as.
 */
const stateOf = (states: ReadonlyMap<string, KeyVersionState>, version: string): KeyVersionState | undefined =>
  [...states.values()]
    .filter(({ secretVersions }) => secretVersions.includes(version))
    .toSorted((a, b) => ((a.currentRun ?? '') < (b.currentRun ?? '') ? 1 : -1))[0];
