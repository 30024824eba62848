import type { FailureName } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';

export class CeremonyInterrupted extends HoldfastError {
  readonly failure = 'Interrupted' satisfies FailureName;
  readonly heading = 'A ceremony was broken off';
  /** @param left files that could not be destroyed, and why; or that somebody else put there */
  constructor(directory: string, left: readonly string[], hasSheets: boolean) {
    super(
      `The ceremony ended before every custodian had read back a part; ${left.length > 0 ? `what is left of it: ${left.join(', ')}` : `nothing of it is left in ${directory}`}`,
      hasSheets
        ? `Destroy ${left.length > 0 ? 'these, and ' : ''}the sheets that were printed: their shares count for nothing. Hold the ceremony again`
        : 'No sheet was written yet. Hold the ceremony again',
    );
  }
}

/** Nobody answers any more, and nothing was decided. */
export class AskingInterrupted extends HoldfastError {
  readonly failure = 'Interrupted' satisfies FailureName;
  readonly heading = 'The shares were not all typed';
  constructor(what: string) {
    super(`${what} ended before all that was asked for had been typed`, 'Start it again: nothing was written');
  }
}

/** A share or an identity that is cut opens nothing, so that none is better. */
export class SecretNotWritten extends HoldfastError {
  readonly failure = 'DiskFull' satisfies FailureName;
  constructor(path: string, why: string, left: string | undefined) {
    super(
      `${path} could not be written whole (${why}), and ${left === undefined ? 'nothing of it is left' : `what was written of it is left: ${left}`}`,
      `${left === undefined ? '' : 'Destroy what is left. '}Make room there, or name another directory, and start again`,
    );
  }
}

/** The witnesses saw it, and it could not be written down. */
export class ProofNotSent extends HoldfastError {
  readonly failure: FailureName;
  constructor(error: unknown, path: string) {
    const why = error instanceof Error ? error.message : String(error);
    const isOurs = error instanceof HoldfastError;
    super(
      `The proof could not be recorded: ${why}. It is kept in ${path}, which holds no secret`,
      `${isOurs ? `${error.advice}; then` : 'Then'} send it with \`npx holdfast escrow prove-offline --proof ${path}\`: nobody has to type a share again`,
      { cause: error },
    );
    this.failure = isOurs ? error.failure : 'Unexpected';
  }
}
