import { describeSeconds } from '../plan/durations.ts';
import type { Reason } from './decide.ts';

/** The reason as a sentence for people. */
export function explainReason(reason: Reason): string {
  switch (reason.kind) {
    case 'hot':
      return `every point is kept for ${describeSeconds(reason.seconds)}`;
    case 'monthly':
      return `the first point of a month is kept for ${describeSeconds(reason.seconds)}`;
    case 'newest-good':
      return 'it is the newest verified point';
    case 'no-good-point':
      return 'no point is verified, so none goes';
    case 'not-replicated':
      return 'it is not replicated';
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
    case 'no-window':
    default:
      return 'no window of the plan keeps it';
  }
}
