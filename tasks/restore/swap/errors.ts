import type { FailureName } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';

/** The database is what it was, but nobody can connect to it: what closed it could not open it again. */
export class DatabaseLeftClosed extends HoldfastError {
  readonly failure: FailureName;
  constructor(database: string, cause: unknown) {
    const why = cause instanceof HoldfastError ? cause.message : 'the swap ended with an error that nobody foresaw';
    super(
      `${why}; the database ${JSON.stringify(database)} has its old content and is left closed to new connections`,
      `The next restore or undo of it opens it again. By hand: ALTER DATABASE ${quoteIdentifier(database)} ALLOW_CONNECTIONS true`,
      { cause },
    );
    this.failure = cause instanceof HoldfastError ? cause.failure : 'Unexpected';
  }
}

/** What was replaced is gone, and what replaces it is not whole yet. */
export class OldDatabaseGone extends HoldfastError {
  readonly failure: FailureName;
  constructor(database: string, shell: string, cause: HoldfastError) {
    super(
      `${cause.message}; the old database ${JSON.stringify(database)} is dropped, and the new one is not whole. Its owner, settings and grants are kept by the empty database ${JSON.stringify(shell)}, its content by the safety backup`,
      `${cause.advice}. The same restore, started again, goes on; for the old content restore the point of the safety backup in the same way`,
      { cause },
    );
    this.failure = cause.failure;
  }
}
