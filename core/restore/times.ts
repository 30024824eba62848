/** What the recovery of an asset is made of, for its evidence. */
import * as z from 'zod';

/** Seconds; what did not happen is absent. */
export const RecoveryTimes = z.strictObject({
  /** Until somebody asked for the restore: only people know it. */
  detectionSeconds: z.number().optional(),
  approvalSeconds: z.number().optional(),
  /** Backing up what is to be replaced. */
  safetySeconds: z.number().optional(),
  /** Stopping what uses the database, and putting it back. */
  quiesceSeconds: z.number().optional(),
  retrievalSeconds: z.number().optional(),
  restoreSeconds: z.number().optional(),
  validationSeconds: z.number().optional(),
  /** What people do afterwards, before the asset can be used: as the plan states it, or as they said. */
  followUpSeconds: z.number().optional(),
  /** From the start of the machine to its evidence: all of that which is not people’s, and what lies between. */
  elapsedSeconds: z.number().optional(),
});
export type RecoveryTimes = z.infer<typeof RecoveryTimes>;

/** From the loss until the asset could be used again, as far as it is known; undefined of records that have no times. */
export function recoverySeconds(times: RecoveryTimes = {}): number | undefined {
  const { detectionSeconds = 0, followUpSeconds = 0, elapsedSeconds, ...parts } = times;
  const machine =
    elapsedSeconds ??
    Object.values(parts)
      .filter((seconds): seconds is number => seconds !== undefined)
      .reduce<number | undefined>((sum, seconds) => (sum ?? 0) + seconds, undefined);
  return machine === undefined ? undefined : detectionSeconds + machine + followUpSeconds;
}
