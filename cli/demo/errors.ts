import { HoldfastError } from '../../core/failure/error.ts';

/** The database that the demo was asked to protect cannot be used. */
export class SourceUnusable extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(what: string, why: string, options?: { cause?: unknown }) {
    super(`${what} cannot be used: ${why}`, 'Correct --source, or leave it out: the demo then makes a database of its own', options);
  }
}
