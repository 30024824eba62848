import type { FailureName } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';

/** The point cannot be had in the form that was asked for. */
export class ExportRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(major: number, why: string, advice: string) {
    super(`The point cannot be exported for PostgreSQL ${major}, because ${why}`, advice);
  }
}

const NAMED = 5;
export const nameLeft = (left: readonly string[]): string =>
  `${left.slice(0, NAMED).join(', ')}${left.length > NAMED ? ` and ${left.length - NAMED} more` : ''}`;

/** The export failed, and what it had written could not be removed. */
export class ExportLeft extends HoldfastError {
  readonly failure: FailureName;
  constructor(cause: HoldfastError, left: readonly string[]) {
    super(
      `${cause.message}; what is half-made could not be removed: ${nameLeft(left)}`,
      `${cause.advice}. Remove what was left before the next export`,
      { cause },
    );
    this.failure = cause.failure;
  }
}
