/**
 * Facts of escrow, `<system>/<key>/<fingerprint>/<kind>-<id>.json`, each written once. What a listing needs to know stands in their
 * keys: a dump, a guard and a watcher list them and read none.
 */
import * as z from 'zod';
import { escrowFactKey } from '../vault/keys.ts';
import type { KeyVersion } from './contract.ts';
import { LOSS_REASONS } from './errors.ts';

export const FACT_FORMAT = 'holdfast/escrow-fact/v1' as const;

const Common = {
  format: z.literal(FACT_FORMAT),
  system: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  id: z.string(),
};

/** In both regions, by run: this value was the secret's current one when the run read it, or when it settled which of two was. */
export const CurrentKeyFact = z.strictObject({ ...Common, kind: z.literal('current') });
type CurrentKeyFact = z.infer<typeof CurrentKeyFact>;

/** In both regions, by version: this version of the source holds this value. */
export const VersionFact = z.strictObject({ ...Common, kind: z.literal('version'), secretVersion: z.string() });
type VersionFact = z.infer<typeof VersionFact>;

/** In both regions, by run: the version was replaced before it was in escrow, so that the rotation went around the guard. */
export const UnguardedFact = z.strictObject({ ...Common, kind: z.literal('unguarded'), secretVersion: z.string() });
type UnguardedFact = z.infer<typeof UnguardedFact>;

/** By run, in the region that it is of: the envelope was opened there, and held what its name says. */
export const ReadBackFact = z.strictObject({
  ...Common,
  kind: z.literal('readback'),
  at: z.iso.datetime({ offset: false }),
  region: z.string(),
  /** By this region's own HMAC key; in the home region it equals `fingerprint`. */
  regionFingerprint: z.string(),
  /** ARN of home's HMAC key, which the fingerprint is by; of the first release none. */
  fingerprintKey: z.string().optional(),
  /** Name of the envelope that was opened, and its version; of the first release there was one. */
  envelope: z.string().optional(),
  envelopeVersionId: z.string(),
  /** Versions and delete markers beside those that count, of all envelopes of the value. Escrow makes none: somebody else wrote them. */
  strays: z.int().min(1).optional(),
});
export type ReadBackFact = z.infer<typeof ReadBackFact>;

/** By run, in the region that it is of: the key could not be got back from the envelope there, and why. */
export const LostFact = z.strictObject({
  ...Common,
  kind: z.literal('lost'),
  at: z.iso.datetime({ offset: false }),
  region: z.string(),
  reason: z.enum(LOSS_REASONS),
});
export type LostFact = z.infer<typeof LostFact>;

export type EscrowFact = CurrentKeyFact | VersionFact | UnguardedFact | ReadBackFact | LostFact;

export const factKeyOf = ({ system, key, fingerprint, kind, id }: EscrowFact): string =>
  escrowFactKey(system, key, fingerprint, kind, kind === 'version' ? encodeURIComponent(id) : id);

/** What is said of a value once it is in escrow. */
export function factsOfVersion(
  { secretVersion, run, isUnguarded }: Pick<KeyVersion, 'secretVersion' | 'run' | 'isUnguarded'>,
  escrowed: { system: string; key: string; fingerprint: string },
  { isCurrent, wasKnown = false }: { isCurrent: boolean; wasKnown?: boolean },
): EscrowFact[] {
  const common = { format: FACT_FORMAT, ...escrowed } as const;
  return [
    // A value that was known is in escrow: another field of the secret was changed, and no rotation of this key went around the guard.
    // Before the version is known to be in escrow, so that no run in between takes it for one that was seen in time.
    ...(isUnguarded && !wasKnown ? [{ ...common, kind: 'unguarded' as const, id: run, secretVersion }] : []),
    { ...common, kind: 'version', id: secretVersion, secretVersion },
    ...(isCurrent ? [{ ...common, kind: 'current' as const, id: run }] : []),
  ];
}
