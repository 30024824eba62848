/**
 * `failure.json` of a failed attempt: why it ended, in words that are safe to tell. A database's own error text quotes rows, so only
 * its SQLSTATE and the name of an object are kept.
 */
import { z } from 'zod';

export const FailureNote = z.strictObject({
  failure: z.string(),
  sqlstate: z.string().optional(),
  object: z.string().optional(),
  message: z.string(),
});
export type FailureNote = z.infer<typeof FailureNote>;
