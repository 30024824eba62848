import { FAILURES } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';

/** Nothing keeps programs of a dump apart from this task, and nobody vouches for the dump. */
export class NotIsolated extends HoldfastError {
  readonly failure = 'NotIsolated';
  constructor(point: string) {
    super(
      `Nothing here keeps a program of a dump from the credentials of this task, and the chain of this plan does not name ${point}: nothing was restored`,
      FAILURES.NotIsolated.advice,
    );
  }
}

/** The restored database is not what the plan and the point promise. */
export class ChecksFailed extends HoldfastError {
  readonly failure = 'CheckFailed';
  constructor(names: readonly string[]) {
    super(`${names.length} ${names.length === 1 ? 'check' : 'checks'} failed: ${names.join('; ')}`, FAILURES.CheckFailed.advice);
  }
}
