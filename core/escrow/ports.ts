/**
 * The outside world as escrow sees it. A key's value exists only between these calls, in memory, and its owner overwrites it after
 * use: nothing here returns it as text.
 */

import type { VersionLabel } from './contract.ts';
import type { KeyPlace } from './key-place.ts';

/** A version of a secret as it is stored; `text` cannot be overwritten in memory, JavaScript strings being immutable. */
export type SecretContent = { kind: 'text'; text: string } | { kind: 'binary'; bytes: Uint8Array };
type ReadVersion = { content: SecretContent; /** Whether the users of the key are given this version now. */ isCurrent: boolean };

/**
 * A version as it is listed. `id` is never used for another value, of a source that was deleted and made again either. `label`:
 * what the users of the key are given; what a rotation is preparing; anything else, which is `old`.
 */
export type SourceVersion = { id: string; label: VersionLabel };

export type KeySource = {
  /** Every version that can still be read, deprecated ones included. Throws KeySourceUnavailable. */
  listVersions(place: KeyPlace): AsyncIterable<SourceVersion>;
  /** Throws KeySourceUnavailable. */
  read(place: KeyPlace, versionId: string): Promise<ReadVersion>;
};

/** HMAC-SHA-256 under a KMS key of one region, in hexadecimal, and which key that was: an alias may come to name another. */
export type Fingerprinter = { fingerprint(message: Uint8Array): Promise<{ fingerprint: string; keyArn: string }> };

export type EnvelopeContext = Readonly<Record<string, string>>;

/** Makes an envelope that either region's escrow key opens alone. `keysId` names the two keys (sealingId). */
export type EnvelopeSealer = { seal(value: Uint8Array, context: EnvelopeContext): Promise<{ envelope: Uint8Array; keysId: string }> };

/** Opens an envelope with one region's escrow key, under exactly this context. Throws KeyNotRecoverable, AccessRefused, StoreUnavailable. */
export type EnvelopeOpener = { open(envelope: Uint8Array, context: EnvelopeContext): Promise<Uint8Array> };
