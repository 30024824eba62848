import { HoldfastError } from '../../core/failure/error.ts';

/** The point lacks a fact that a drill or a restore needs. */
export class PointNotReady extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(point: string, what: string) {
    super(
      `The point ${point} ${what}`,
      'Start the backup machine again, or take another point: `npx holdfast list` shows which are verified and replicated',
    );
  }
}
