/** Which drills of a database are looked at, of however many there are. Pure. */
import type { DrillEvidence } from './contract.ts';

/** Ten years of quarterly drills, and most of a year of weekly ones. */
const MOST = 40;

export type NewestDrills = {
  /** Newest first. */
  drills: readonly DrillEvidence[];
  /** To be called newest first. */
  add(drill: DrillEvidence): void;
  /** Whether nothing older would be taken. */
  isWhole(): boolean;
};

/**
 * The newest drills, and beyond them the newest that was decided and the newest that passed, where none of those is: what could not run
 * for long must not hide what was proven before.
 */
export function newestDrills(): NewestDrills {
  const drills: DrillEvidence[] = [];
  const has = (...outcomes: DrillEvidence['outcome'][]) => drills.some(({ outcome }) => outcomes.includes(outcome));
  const isMissing = (outcome: DrillEvidence['outcome']) =>
    (outcome === 'passed' && !has('passed')) || (outcome === 'failed' && !has('passed', 'failed'));
  return {
    drills,
    add(drill) {
      if (drills.length < MOST || isMissing(drill.outcome)) drills.push(drill);
    },
    isWhole: () => drills.length >= MOST && has('passed'),
  };
}
