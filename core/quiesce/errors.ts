import { HoldfastError } from '../failure/error.ts';

/** Something that uses the database could not be stopped: it is not replaced. */
export class NotStopped extends HoldfastError {
  readonly failure = 'QuiesceFailed';
  constructor(step: string, why: string, options?: { cause?: unknown }) {
    super(`The step ${step} did not stop: ${why}`, 'Put right what is named here, and restore again: nothing was replaced', options);
  }
}

/** Its services are that run's to put back for as long as it goes on: its database may be half replaced. */
export class StillRunning extends HoldfastError {
  readonly failure = 'QuiesceFailed';
  constructor(run: string, execution: string) {
    super(
      `The run ${run} still goes on, as the execution ${execution}, and what it has stopped is its own to put back`,
      'Wait for its end, or stop that execution; then start this again',
    );
  }
}

/** Nothing was ever written down of a run that somebody names. */
export class RunUnknown extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(asset: string, run: string) {
    super(
      `There is no restore ${run} of ${asset}`,
      'Compare the run and the asset with the message of the restore that has stopped something',
    );
  }
}

/** What the plan names is not there, or not of a kind that can be stopped. */
export class StepUnusable extends HoldfastError {
  readonly failure = 'QuiesceFailed';
  constructor(what: string, options?: { cause?: unknown }) {
    super(what, 'Compare `restore.quiesce` in the plan with what runs', options);
  }
}

/** A service did not answer, for now. */
export class StepUnreachable extends HoldfastError {
  readonly failure = 'AwsUnreachable';
  constructor(step: string, error: string, options?: { cause?: unknown }) {
    super(`The step ${step}: AWS answered ${error}`, 'Look at the health of the service; the step is tried again', options);
  }
}
