import type { FailureName } from './classes.ts';

export type FailurePlace = { sqlstate?: string | undefined; object?: string | undefined; line?: number | undefined };

/**
 * Base of every error that Holdfast raises on purpose. The message says what was tried, on what, and why it failed; `advice` says
 * what the reader can do next; `failure` is the class that decides retry, exit code and runbook heading.
 */
export abstract class HoldfastError extends Error {
  abstract readonly failure: FailureName;
  readonly advice: string;
  /** Where PostgreSQL failed, when it was PostgreSQL: an SQLSTATE, a name, a line. Never a value of a row. */
  get place(): FailurePlace {
    return {};
  }
  constructor(message: string, advice: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.advice = advice;
  }
}
