/** What an audit finds of escrow: objects that somebody hid or wrote over; and of secrets: sources of keys, and logins, that are gone or about to go. */
import * as z from 'zod';
import { UsedKey, UsedSource } from '../watch/used.ts';

const ofObject = { bucket: z.string(), key: z.string(), versionId: z.string(), versions: z.int() };

export const EscrowFinding = z.discriminatedUnion('kind', [
  /** Every object of escrow is written once. */
  z.strictObject({ kind: z.literal('escrow-overwritten'), ...ofObject }),
  /** A delete marker. */
  z.strictObject({ kind: z.literal('escrow-hidden'), ...ofObject }),
  z.strictObject({ kind: z.literal('source-gone'), used: UsedSource }),
  /** The KMS key that a source or a login is encrypted under. */
  z.strictObject({ kind: z.literal('source-key-ends'), used: UsedKey }),
  z.strictObject({ kind: z.literal('source-unseen'), used: UsedSource }),
]);
export type EscrowFinding = z.infer<typeof EscrowFinding>;
