import { FAILURES } from '../../core/failure/classes.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import type { PostgresFinding } from '../../core/failure/classify-postgres.ts';
import { HoldfastError, type FailurePlace } from '../../core/failure/error.ts';

/**
 * PostgreSQL or one of its programs refused or failed. What the server said is not part of the message: its text quotes rows. The
 * driver's error is not kept as the cause for the same reason.
 */
export class PostgresFailed extends HoldfastError {
  readonly failure: FailureName;
  readonly tried: string;
  readonly sqlstate: string | undefined;
  readonly object: string | undefined;
  constructor(tried: string, finding: PostgresFinding) {
    const details = [finding.sqlstate && `SQLSTATE ${finding.sqlstate}`, finding.object && `at ${finding.object}`]
      .filter(Boolean)
      .join(', ');
    super(`${FAILURES[finding.failure].what}: ${tried}${details ? ` (${details})` : ''}`, FAILURES[finding.failure].advice);
    this.failure = finding.failure;
    this.tried = tried;
    this.sqlstate = finding.sqlstate;
    this.object = finding.object;
  }
  override get place(): FailurePlace {
    return { sqlstate: this.sqlstate, object: this.object };
  }
}

/** What the dump reads is no longer what its snapshot has: read on, rows would be missing without a sign. */
export class SourceChanged extends HoldfastError {
  readonly failure = 'SourceChanged';
  readonly object: string;
  constructor(table: string, how: string) {
    super(`The table ${table} ${how}`, FAILURES.SourceChanged.advice);
    this.object = table;
  }
  override get place(): FailurePlace {
    return { object: this.object };
  }
}

/** What stands under the name is not whole: a point of it would be worse than none. */
export class SourceHalfRestored extends HoldfastError {
  readonly failure = 'SourceHalfRestored';
  constructor(database: string, why: string) {
    super(
      `${FAILURES.SourceHalfRestored.what}: no point is made of ${JSON.stringify(database)}, ${why}`,
      FAILURES.SourceHalfRestored.advice,
    );
  }
}

export class ClientTooOld extends HoldfastError {
  readonly failure = 'ClientTooOld';
  constructor(clientMajor: number, serverMajor: number) {
    super(`pg_dump is of PostgreSQL ${clientMajor}, the server of ${serverMajor}: nothing was started`, FAILURES.ClientTooOld.advice);
  }
}

export class ProgramMissing extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(program: string, searched: string) {
    super(
      `The program ${program} is not in the PATH (${searched})`,
      `Install the PostgreSQL client programs, or put their directory first in the PATH`,
    );
  }
}

/** The secret of the source is not what `source.secret` promises. No value of it is told, only the field. */
export class SecretUnusable extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(secret: string, problem: string) {
    super(
      `The secret '${secret}' cannot be used: ${problem}`,
      'Store a JSON object with host, port, dbname, username and password; `ca` besides when the plan says `ca: secret`',
    );
  }
}

/** Secrets Manager gave no answer that says anything about the secret. */
export class SecretUnavailable extends HoldfastError {
  readonly failure = 'AwsUnreachable';
  constructor(secret: string, answer: string) {
    super(`The secret '${secret}' could not be read: Secrets Manager answered ${answer}`, FAILURES.AwsUnreachable.advice);
  }
}
