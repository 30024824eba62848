/** Errors as the language names them, and which of them a Retry or Catch takes. */

/** `error` is the Error Name that Retry and Catch compare; the message is the Cause. */
export class StateFailed extends Error {
  readonly error: string;
  constructor(error: string, cause: string, options?: { cause?: unknown }) {
    super(cause, options);
    this.name = 'StateFailed';
    this.error = error;
  }
}

/** The execution as a whole was ended from outside: nothing in the machine can catch it. */
export class ExecutionEnded extends Error {
  readonly status: 'TIMED_OUT' | 'ABORTED';
  constructor(status: 'TIMED_OUT' | 'ABORTED', cause: string) {
    super(cause);
    this.name = 'ExecutionEnded';
    this.status = status;
  }
}

export const ERROR = {
  all: 'States.ALL',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  dataLimit: 'States.DataLimitExceeded',
  runtime: 'States.Runtime',
  query: 'States.QueryEvaluationError',
  itemReader: 'States.ItemReaderFailed',
  toleratedFailure: 'States.ExceedToleratedFailureThreshold',
} as const;

/**
 * `States.Runtime` is never caught. `States.DataLimitExceeded` only by its own name. `States.TaskFailed` stands for every error but a
 * time-out. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function isMatch(errorEquals: readonly string[], error: string): boolean {
  if (error === ERROR.runtime) return false;
  if (errorEquals.includes(error)) return true;
  if (error === ERROR.heartbeatTimeout && errorEquals.includes(ERROR.timeout)) return true;
  if (error === ERROR.dataLimit) return false;
  if (errorEquals.includes(ERROR.all)) return true;
  return errorEquals.includes(ERROR.taskFailed) && error !== ERROR.timeout && error !== ERROR.heartbeatTimeout;
}
