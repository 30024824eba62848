import { FAILURES } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';

/** Nobody found out whether the application works: it was not even started as the plan says. */
export class ApplicationUnavailable extends HoldfastError {
  readonly failure = 'ApplicationUnavailable';
  constructor(why: string) {
    super(`${FAILURES.ApplicationUnavailable.what}: ${why}`, FAILURES.ApplicationUnavailable.advice);
  }
}
