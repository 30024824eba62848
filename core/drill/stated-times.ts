/** What of a recovery no drill can measure, since nobody has to notice it, approve it, or put anything right after it. Pure. */
import * as z from 'zod';
import { durationSeconds } from '../plan/durations.ts';
import { peopleSeconds, type PeopleOf } from '../plan/feasibility.ts';

/** As the plan stated it when the drill was held; what it states nothing of is absent. */
export const StatedTimes = z.strictObject({
  detectionSeconds: z.number().optional(),
  approvalSeconds: z.number().optional(),
  /** What people look at, beside the drill's own checks: the longer of both counts. */
  validationSeconds: z.number().optional(),
  /** Everything by hand, and the follow-ups before which the asset is not usable. */
  followUpSeconds: z.number().optional(),
});
export type StatedTimes = z.infer<typeof StatedTimes>;

export function statedTimes({ expected, restore }: PeopleOf): StatedTimes {
  const { detection, approval, validation, manual } = expected ?? {};
  const followUpSeconds = peopleSeconds({ expected: manual === undefined ? undefined : { manual }, restore });
  return {
    ...(detection === undefined ? {} : { detectionSeconds: durationSeconds(detection) }),
    ...(approval === undefined ? {} : { approvalSeconds: durationSeconds(approval) }),
    ...(validation === undefined ? {} : { validationSeconds: durationSeconds(validation) }),
    ...(followUpSeconds === 0 ? {} : { followUpSeconds }),
  };
}
