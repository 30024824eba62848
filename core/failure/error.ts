import type { FailureName } from './classes.ts';

/**
 * Base of every error that Holdfast raises on purpose. The message says what was tried, on what, and why it failed; `advice` says
 * what the reader can do next; `failure` is the class that decides retry, exit code and runbook heading.
 */
export abstract class HoldfastError extends Error {
  abstract readonly failure: FailureName;
  readonly advice: string;
  constructor(message: string, advice: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.advice = advice;
  }
}
