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

/** Under the id of a run stands the request of another execution, or another request: nobody has approved what is asked here. */
export class RequestOfAnother extends HoldfastError {
  readonly failure = 'NotApproved';
  constructor(run: string, why: string) {
    super(`The request ${run} ${why}, and nobody was asked about this one`, 'Start the restore again: it becomes a request of its own');
  }
}
