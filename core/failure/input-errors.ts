import { HoldfastError } from './error.ts';

/** What a function or task was given as its environment is not what it expects. */
export class BadConfiguration extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(problems: readonly string[], options?: { cause?: unknown }) {
    super(
      `The environment is not as expected: ${problems.join('; ')}`,
      'Deploy again: the code and the deployed environment differ',
      options,
    );
  }
}

/** What a state machine sent to a function is not what the function expects. */
export class BadRequest extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], options?: { cause?: unknown }) {
    super(`The request cannot be met: ${problems.join('; ')}`, 'Correct what is named here and start again', options);
  }
}
