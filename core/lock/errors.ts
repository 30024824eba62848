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
