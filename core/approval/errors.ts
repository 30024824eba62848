import { HoldfastError } from '../failure/error.ts';

/** Who calls may not, or the request takes no decision. */
export class DecisionRefused extends HoldfastError {
  readonly failure = 'DecisionRefused';
}

export class RequestUnknown extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(run: string) {
    super(`There is no request ${run}`, 'Run `npx holdfast requests` for those that there are');
  }
}
