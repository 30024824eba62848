/** The parts of a recovery, as every page calls them, in their order. */
import { secondsText } from '../quantities.ts';
import type { RecoveryTimes } from '../restore/times.ts';

export const TIME_WORDS = {
  detectionSeconds: 'Detection',
  approvalSeconds: 'Approval',
  safetySeconds: 'Safety backup',
  quiesceSeconds: 'Stopping and putting back',
  retrievalSeconds: 'Retrieval',
  restoreSeconds: 'Restore',
  validationSeconds: 'Validation',
  followUpSeconds: 'Follow-ups',
} as const satisfies Record<Exclude<keyof RecoveryTimes, 'elapsedSeconds'>, string>;

/** Each part that is known, with its word. */
export const wordTimes = (times: RecoveryTimes): { name: keyof typeof TIME_WORDS; word: string; seconds: number }[] =>
  (Object.keys(TIME_WORDS) as (keyof typeof TIME_WORDS)[]).flatMap((name) => {
    const seconds = times[name];
    return seconds === undefined ? [] : [{ name, word: TIME_WORDS[name], seconds }];
  });

/** What was checked was checked, however short that was. */
export const isNothing = (name: keyof RecoveryTimes, seconds: number): boolean => seconds === 0 && name !== 'validationSeconds';

export const spentText = (seconds: number): string => (seconds < 1 ? 'less than a second' : secondsText(Math.round(seconds)));
