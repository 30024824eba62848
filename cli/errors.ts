import type { FailureName } from '../core/failure/classes.ts';
import { FAILURES } from '../core/failure/classes.ts';
import { HoldfastError } from '../core/failure/error.ts';

/** The words typed cannot be met. All problems at once. */
export class UsageWrong extends HoldfastError {
  readonly failure = 'BadInput';
  readonly problems: readonly string[];
  constructor(verb: string, problems: readonly string[], help = `npx holdfast ${verb === '' ? '' : `${verb} `}--help`) {
    const [only] = problems;
    super(
      problems.length === 1 && only !== undefined
        ? only
        : `${problems.length} problems:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      `See \`${help}\` for what is possible`,
    );
    this.problems = problems;
  }
}

export class OutputLost extends HoldfastError {
  readonly failure = 'OutputLost';
  constructor(cause: NodeJS.ErrnoException) {
    super(`The answer could not be written to the standard output: ${cause.message}`, FAILURES.OutputLost.advice, { cause });
  }
}

export class PlanNotFound extends HoldfastError {
  readonly failure = 'BadInput';
}

/** An execution ended without what it was started for. */
export class ExecutionFailed extends HoldfastError {
  readonly failure: FailureName;
  readonly execution: string;
  constructor(failure: FailureName, message: string, execution: string) {
    super(message, FAILURES[failure].advice);
    this.failure = failure;
    this.execution = execution;
  }
}

export class SystemNotDeployed extends HoldfastError {
  readonly failure = 'NotDeployed';
  constructor(what: string, where: string, options?: { cause?: unknown }) {
    super(`${what} does not exist in ${where}`, FAILURES.NotDeployed.advice, options);
  }
}

/** The system on this machine was asked for, and there is none, or another one. */
export class NothingRunsHere extends HoldfastError {
  readonly failure = 'NotDeployed';
  constructor(message: string, advice = 'Start one in another terminal with `npm run demo -- --keep`') {
    super(message, advice);
  }
}

export class AwsLoginMissing extends HoldfastError {
  readonly failure = 'AwsLoginMissing';
  constructor(tried: string, why: string, options?: { cause?: unknown }) {
    super(`${tried} was not possible: ${why}`, FAILURES.AwsLoginMissing.advice, options);
  }
}

export class AwsUnreachable extends HoldfastError {
  readonly failure = 'AwsUnreachable';
  constructor(tried: string, why: string, options?: { cause?: unknown }) {
    super(`${tried} had no answer: ${why}`, FAILURES.AwsUnreachable.advice, options);
  }
}
