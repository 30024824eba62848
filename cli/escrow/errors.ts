import type { FailureName } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';

export class CeremonyInterrupted extends HoldfastError {
  readonly failure = 'Interrupted' satisfies FailureName;
  constructor(directory: string) {
    super(
      `The ceremony ended before every custodian had read back a part; nothing of it is left in ${directory}`,
      'Destroy the sheets that were printed: their shares count for nothing. Hold the ceremony again',
    );
  }
}

/** Nobody answers any more, and nothing was decided. */
export class AskingInterrupted extends HoldfastError {
  readonly failure = 'Interrupted' satisfies FailureName;
  constructor(what: string) {
    super(`${what} ended before all that was asked for had been typed`, 'Start it again: nothing was written');
  }
}
