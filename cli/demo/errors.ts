import { HoldfastError } from '../../core/failure/error.ts';

/** A stage of the demo did not show what it is there to show. */
export class DemoStageFailed extends HoldfastError {
  readonly failure = 'CheckFailed';
  constructor(why: string) {
    super(`The demo could not go on: ${why}`, 'Run it once more; if it repeats, report what it says');
  }
}

/** The database that the demo was asked to protect cannot be used. */
export class SourceUnusable extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(what: string, why: string, options?: { cause?: unknown }) {
    super(`${what} cannot be used: ${why}`, 'Correct --source, or leave it out: the demo then makes a database of its own', options);
  }
}
