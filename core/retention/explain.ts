import { describeSeconds } from '../plan/durations.ts';
import type { Reason } from './decide.ts';

const UNIT = { hourly: 'an hour', daily: 'a day', monthly: 'a month', yearly: 'a year' } as const;

/** The reason as a sentence for people, without its full stop. */
export function explainReason(reason: Reason): string {
  switch (reason.kind) {
    case 'forever':
      return 'the plan keeps every point for ever';
    case 'hot':
      return `every point is kept for ${describeSeconds(reason.seconds)}`;
    case 'hourly':
    case 'daily':
    case 'monthly':
    case 'yearly':
      return `the first good point of ${UNIT[reason.kind]} is kept for ${describeSeconds(reason.seconds)}`;
    case 'newest-good':
      return 'it is the newest verified point';
    case 'no-good-point':
      return 'no point is verified, so none goes';
    case 'not-replicated':
      return 'it is not replicated';
    case 'last':
      return `it is one of the ${reason.keepLast} newest good points`;
    case 'proven':
      return `it is one of the ${reason.keepProven} newest proven points`;
    case 'locked':
      return `it is locked until ${reason.until.toISOString()}`;
    case 'held':
      return `it is held: ${reason.holds.join(', ')}`;
    case 'needed':
      return `needed by ${reason.by.join(', ')}`;
    case 'unreadable':
      return `its records cannot be read: ${reason.why}`;
    case 'tombstoned':
      return 'it has expired before, and is not wholly gone';
    case 'never-verified':
      return 'it was never verified';
    case 'no-window':
    default:
      return `no window of the plan keeps it: it is ${describeSeconds(reason.ageSeconds)} older than the newest good point`;
  }
}
