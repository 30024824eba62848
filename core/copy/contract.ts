/** What brings records to the replica that were written after a point's copy, or that never arrived there. */
import * as z from 'zod';
import { CopyEnvironment } from '../backup/contract.ts';

/** `Object Created` of EventBridge, as S3 sends it for the vault. The key stands there as it is. */
export const ObjectCreatedEvent = z.object({
  detail: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});
export type ObjectCreatedEvent = z.infer<typeof ObjectCreatedEvent>;
export const FollowRecordAnswer = z.object({ followed: z.boolean(), reason: z.string() });
export type FollowRecordAnswer = z.infer<typeof FollowRecordAnswer>;

/** Input of the daily audit: every asset of the plan, unless one is named. */
export const FollowMissingRequest = z.object({ asset: z.string().optional() });
/** `ASSETS`: ids of the assets, comma-separated. */
export const FollowMissingEnvironment = CopyEnvironment.extend({ ASSETS: z.string() });
export const FollowMissingAnswer = z.object({
  /** Records that the replica lacked, and of these the ones that it has now. */
  missing: z.int(),
  copied: z.int(),
  /** Seconds since the oldest point that is wholly in the vault and not yet in the replica; 0 when there is none. */
  lagSeconds: z.number(),
});
export type FollowMissingAnswer = z.infer<typeof FollowMissingAnswer>;
