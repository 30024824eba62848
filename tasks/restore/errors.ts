import { FAILURES, type FailureName } from '../../core/failure/classes.ts';
import { HoldfastError, type FailurePlace } from '../../core/failure/error.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import { describeProblem, type RestoreProblem } from '../../core/restore/restore-problem.ts';

/** pg_restore or psql stopped. Only SQLSTATE, object and line are told: the program's own text quotes rows. */
export class RestoreStopped extends HoldfastError {
  readonly failure: FailureName;
  readonly problem: RestoreProblem;
  constructor(program: string, problem: RestoreProblem, whenServerGone: FailureName, advice?: string) {
    const failure = { 'disk-full': 'DiskFull', 'server-gone': whenServerGone, sql: 'RestoreFailed' } as const satisfies Record<
      RestoreProblem['kind'],
      FailureName
    >;
    const name = failure[problem.kind];
    super(`${program} stopped with ${describeProblem(problem)}`, advice ?? FAILURES[name].advice);
    this.failure = name;
    this.problem = problem;
  }
  override get place(): FailurePlace {
    const { sqlstate, object, line } = this.problem;
    return { sqlstate, object, line };
  }
}

/** The archive, or the database that it makes, does not fit on the disk; nothing was begun. */
export class DiskTooSmall extends HoldfastError {
  readonly failure = 'DiskFull';
  constructor(what: string, neededBytes: number, freeBytes: number) {
    const mib = (bytes: number) => Math.ceil(bytes / 1024 ** 2);
    super(`${what} needs ${mib(neededBytes)} MiB and ${mib(freeBytes)} MiB are free`, FAILURES.DiskFull.advice);
  }
}

export class ProgramTooOld extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(program: string, version: string, archive: string) {
    super(
      `${program} ${version} cannot read what pg_dump ${archive} wrote; nothing was begun`,
      'Use programs of PostgreSQL that are at least as new as those that made the point',
    );
  }
}

/** Without its restricted mode a dump could run commands in the task. */
export class PsqlTooOld extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(path: string) {
    super(`${path} has no restricted mode (\\restrict); nothing of the dump was run`, 'Use psql 13.22, 14.19, 15.14, 16.10, 17.6 or later');
  }
}

/** The overall time of the plan is over. */
export class TaskTimedOut extends HoldfastError {
  readonly failure = 'TimedOut';
  constructor(seconds: number) {
    super(`The task had not ended after ${seconds} s`, FAILURES.TimedOut.advice);
  }
}

type TargetFailure = Extract<FailureName, 'TargetUnreachable' | 'TargetNotEmpty' | 'TargetRefused' | 'DiskFull' | 'RestoreFailed'>;

/** The target server cannot take the new database. Nothing was made, or the message says what is left. */
export class TargetUnfit extends HoldfastError {
  readonly failure: TargetFailure;
  constructor(failure: TargetFailure, what: string, advice: string = FAILURES[failure].advice, options?: { cause?: unknown }) {
    super(`${FAILURES[failure].what}: ${what}`, advice, options);
    this.failure = failure;
  }
}

/** The restore failed, and what it had begun to make could not be removed. */
export class HalfMadeDatabaseLeft extends HoldfastError {
  readonly failure: FailureName;
  readonly #place: FailurePlace;
  constructor(database: string, cause: unknown) {
    const why = cause instanceof HoldfastError ? cause.message : 'the restore ended with an error that nobody foresaw';
    super(
      `${why}; the half-made database ${JSON.stringify(database)} could not be dropped`,
      `Correct the cause and start the same restore again: it does away with what is left. If it is no longer wanted: DROP DATABASE ${quoteIdentifier(database)} WITH (FORCE)`,
      { cause },
    );
    this.failure = cause instanceof HoldfastError ? cause.failure : 'Unexpected';
    this.#place = cause instanceof HoldfastError ? cause.place : {};
  }
  override get place(): FailurePlace {
    return this.#place;
  }
}

/** Another run of the same restore goes on with the database. */
export class RestoreTakenOver extends HoldfastError {
  readonly failure = 'TargetNotEmpty';
  constructor() {
    super(
      'Another run of the same restore has taken over the database that this one was filling; nothing was removed',
      'Wait for the other run: what this one had finished stands in the database and counts',
    );
  }
}

/** The restore stopped, and the same restore, started again, goes on with what it, or an earlier try, has made. */
export class HalfMadeDatabaseKept extends HoldfastError {
  readonly failure: FailureName;
  readonly #place: FailurePlace;
  /** @param madeBy whose it is: an earlier try's when this one ended before it could take it over */
  constructor(database: string, cause: HoldfastError, madeBy: 'this try' | 'an earlier try' = 'this try') {
    const name = JSON.stringify(database);
    super(
      `${cause.message}; the half-made database ${name}${madeBy === 'this try' ? '' : ` of ${madeBy}`} is kept`,
      `${cause.advice}. The same restore into ${name}, started again, goes on where ${madeBy === 'this try' ? 'this one' : 'that one'} stopped; if it is no longer wanted: DROP DATABASE ${quoteIdentifier(database)} WITH (FORCE)`,
      { cause },
    );
    this.failure = cause.failure;
    this.#place = cause.place;
  }
  override get place(): FailurePlace {
    return this.#place;
  }
}
