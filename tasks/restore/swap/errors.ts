import type { FailureName } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';

const sayWhy = (cause: unknown) => (cause instanceof HoldfastError ? cause.message : 'the restore ended with an error that nobody foresaw');
const failureOf = (cause: unknown): FailureName => (cause instanceof HoldfastError ? cause.failure : 'Unexpected');
const adviceOf = (cause: unknown) => (cause instanceof HoldfastError ? `${cause.advice}. ` : '');

/** The database is what it was, but nobody can connect to it: what closed it could not open it again. */
export class DatabaseLeftClosed extends HoldfastError {
  readonly failure: FailureName;
  constructor(database: string, cause: unknown) {
    super(
      `${sayWhy(cause)}; the database ${JSON.stringify(database)} has its old content and is left closed to new connections`,
      `The next restore or undo of it opens it again. By hand: ALTER DATABASE ${quoteIdentifier(database)} ALLOW_CONNECTIONS true`,
      { cause },
    );
    this.failure = failureOf(cause);
  }
}

const GOES_ON =
  'The same restore, started again, goes on, and makes no safety backup of what is half made; for the old content restore the point of the safety backup in the same way';

/** What was replaced is gone, and what replaces it is not whole yet. */
export class OldDatabaseGone extends HoldfastError {
  readonly failure: FailureName;
  constructor(database: string, shell: string, cause: unknown) {
    super(
      `${sayWhy(cause)}; the old database ${JSON.stringify(database)} is dropped, and the new one is not whole. Its owner, settings and grants are kept by the empty database ${JSON.stringify(shell)}, its content by the safety backup`,
      `${adviceOf(cause)}${GOES_ON}`,
      { cause },
    );
    this.failure = failureOf(cause);
  }
}

/** The server that could say so does not answer. */
export class OldDatabaseUnknown extends HoldfastError {
  readonly failure: FailureName;
  constructor(database: string, shell: string, cause: unknown) {
    super(
      `${sayWhy(cause)}; whether the old database ${JSON.stringify(database)} still stands could not be asked`,
      `${adviceOf(cause)}Look for it once the server answers: it is dropped if there is a database ${JSON.stringify(shell)}, and ${JSON.stringify(database)} is missing or its comment says that Holdfast fills it. ${GOES_ON}`,
      { cause },
    );
    this.failure = failureOf(cause);
  }
}

/** What it wrote is counted like what anybody writes: whether something else was written too nobody can tell any more. */
export class ReplayRolledBack extends HoldfastError {
  readonly failure = 'TargetRefused';
  constructor(database: string, cause: unknown) {
    super(
      `an earlier try of this restore was cut off in the middle of the dump, and all of that is rolled back: ${JSON.stringify(database)} is as it was, and nothing was replaced. PostgreSQL counts what that try wrote like what anybody writes, so this run cannot tell whether something was written since its safety backup`,
      'Start the same restore again: it makes a new safety backup first',
      { cause },
    );
  }
}
