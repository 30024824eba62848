export type FailureClass = {
  exitCode: number;
  /** Whether the same step, tried again, may succeed with nobody's help. */
  isRetryable: boolean;
  what: string;
  advice: string;
};

export const failure = (exitCode: number, isRetryable: boolean, what: string, advice: string): FailureClass => ({
  exitCode,
  isRetryable,
  what,
  advice,
});
