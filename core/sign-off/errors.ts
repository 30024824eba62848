import { HoldfastError } from '../failure/error.ts';

export class RestoreUnknown extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(run: string) {
    super(
      `There is no restore with the run ${run}`,
      'A restore names its run while it waits for somebody, and at its end; one that waits for approval has restored nothing yet: `npx holdfast requests`',
    );
  }
}

/** What was asked cannot be ticked or signed. */
export class NotSignable extends HoldfastError {
  readonly failure = 'BadInput';
}
