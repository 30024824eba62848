import { HoldfastError } from '../failure/error.ts';

/** Somebody asked for a lock that no plan of this system would ask for. */
export class LockTooLong extends HoldfastError {
  readonly failure = 'VaultRefused';
  constructor(point: string, until: Date, longestDays: number) {
    super(
      `${point} was not locked until ${until.toISOString()}: that is longer than the ${longestDays} days that the plan locks a point for at most`,
      'Find out who or what asked for it; when the plan was made longer, deploy it again first',
    );
  }
}

/** A hold came while its point was being deleted. */
export class WentBeforeTheHold extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(point: string, why: string) {
    super(
      `The hold on ${point} came too late: ${why}. What is left is held`,
      'Look for the point in the other vault, which expires half a day apart, and hold it there: `npx holdfast hold add … --only replica`',
    );
  }
}
