/** Earlier values of a key that one region has and the other has not: when the first is lost, so are they. Pure. */
import { isLost, isRecoverable } from '../escrow/key-state.ts';
import { VaultSide } from '../vault/side.ts';
import type { Reason } from './colour.ts';
import { PLACE_NAMES } from './places.ts';
import type { KeySummary } from './summary.ts';

/**
 * Of the value in use it is told that it was never read back there. One that was never opened may be on its way to the other region,
 * and of a region of which nothing is known nothing is said.
 */
export function judgeCopies({ current, versions }: Pick<KeySummary, 'current' | 'versions'>): Reason[] {
  const at = (place: VaultSide, fingerprint: string) =>
    versions.find((one) => one.place === place && one.state.fingerprint === fingerprint)?.state;
  const isKnown = (place: VaultSide) => versions.some((one) => one.place === place && one.state.hasEnvelope);
  return versions.flatMap(({ place, state }): Reason[] => {
    const other = VaultSide.options.find((one) => one !== place);
    if (other === undefined || !isKnown(other) || state.fingerprint === current || !isRecoverable(state)) return [];
    const there = at(other, state.fingerprint);
    if (there?.hasEnvelope || (there && isLost(there))) return [];
    const text = `The earlier value ${state.fingerprint.slice(0, 12)} is in escrow in ${PLACE_NAMES[place]} alone: the next run of escrow brings it to ${PLACE_NAMES[other]}, or says why it cannot`;
    return [{ colour: 'amber', code: 'value-in-one-region', text }];
  });
}
