/** Which drills of a database are looked at, of however many there are. Pure. */
import type { DrillEvidence } from './contract.ts';

/** Ten years of quarterly drills, and most of a year of weekly ones. */
const MOST = 40;

/**
 * The newest drills, and beyond them the newest that was decided and the newest that passed, where none of those is: what could not run
 * for long must not hide what was proven before.
 */
export class NewestDrills {
  readonly #found: DrillEvidence[] = [];

  /** To be called newest first. */
  add(drill: DrillEvidence): void {
    if (this.#found.length < MOST || this.#isMissing(drill.outcome)) this.#found.push(drill);
  }

  /** Whether nothing older would be taken. */
  get isWhole(): boolean {
    return this.#found.length >= MOST && !this.#isMissing('passed');
  }

  /** Newest first. */
  get drills(): readonly DrillEvidence[] {
    return this.#found;
  }

  #isMissing(outcome: DrillEvidence['outcome']): boolean {
    if (outcome === 'could-not-run') return false;
    return !this.#found.some((one) => one.outcome === 'passed' || (outcome === 'failed' && one.outcome === 'failed'));
  }
}
