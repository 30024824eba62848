/** What the watchers are called with, and answer. */
import * as z from 'zod';
import { VaultSide } from '../vault/side.ts';
import { KeyEvent } from './endangered.ts';
import { Login } from './logins.ts';
import { WatchedAsset } from './watched.ts';

/** `at` is Scheduler's instant; absent when somebody calls it by hand. The assets stand in the schedule: an environment holds 4 KB. */
export const WatchRequest = z.object({ at: z.iso.datetime({ offset: true }).optional(), assets: z.array(WatchedAsset) });
export const WatchEnvironment = z.object({
  SYSTEM: z.string(),
  SIDE: VaultSide,
  REGION: z.string(),
  VAULT_BUCKET: z.string(),
  ESCROW_BUCKET: z.string(),
  ALARM_TOPIC_ARN: z.string(),
});
export const WatchAnswer = z.object({
  watched: z.int(),
  slotsMissed: z.int(),
  objectivesBroken: z.int(),
  withoutData: z.int(),
  clocksDiffer: z.int(),
  /** Findings that a message was sent about. */
  told: z.int(),
});
export type WatchAnswer = z.infer<typeof WatchAnswer>;

/**
 * An event, or that it is time to look. The logins stand in the schedule, as an environment holds 4 KB; who comes without them, as
 * events do, goes by what the last look saw of them.
 */
export const WatchKeysRequest = z.union([KeyEvent, z.strictObject({ look: z.literal(true), logins: z.array(Login).optional() })]);
/** `unseen`: what could not be looked at, and why. */
export const WatchKeysAnswer = z.object({ keys: z.int(), endangered: z.array(z.string()), unseen: z.array(z.string()), told: z.boolean() });
export type WatchKeysAnswer = z.infer<typeof WatchKeysAnswer>;
/** Lists are separated by commas. */
export const WatchKeysEnvironment = z.object({
  SYSTEM: z.string(),
  REGION: z.string(),
  ALIASES: z.string(),
  SECRETS: z.string(),
  PARAMETERS: z.string(),
  /** Of this region, where what was seen is written down. */
  ESCROW_BUCKET: z.string(),
  ALARM_TOPIC_ARN: z.string(),
});
