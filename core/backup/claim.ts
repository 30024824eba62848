/** A claim on a slot: the execution that may make the slot's point. `runs/<system>/<asset>/<slot>/<n>.json`, written once. */
import * as z from 'zod';
import { isSlot } from '../vault/ids.ts';

export const Claim = z.strictObject({
  format: z.literal('holdfast/claim/v1'),
  system: z.string(),
  asset: z.string(),
  slot: z.string().refine(isSlot),
  claim: z.int().min(1),
  execution: z.string(),
  run: z.string(),
  claimedAt: z.iso.datetime({ offset: false }),
});
export type Claim = z.infer<typeof Claim>;
