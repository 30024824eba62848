import type { MessageHeader } from '@aws-crypto/client-node';

/** Secrets Manager holds 65,536 bytes at most, so every value is one frame, and an envelope's length follows from its header. */
export const FRAME_BYTES = 65_537;

/**
 * Bytes of the whole message: the Encryption SDK reads a message to its end and says nothing of what comes after it. Lengths are
 * those of the published message format, version 2.
 */
export function envelopeLength(header: MessageHeader, valueBytes: number): number {
  const lengthPrefixed = (...texts: (string | Uint8Array)[]) => texts.reduce((sum, text) => sum + 2 + Buffer.byteLength(text), 0);
  const version = 1;
  const suite = 2;
  const messageId = 32;
  const pairs = Object.entries(header.encryptionContext);
  const context = 2 + (pairs.length > 0 ? 2 : 0) + pairs.reduce((sum, [name, value]) => sum + lengthPrefixed(name, value), 0);
  const dataKeys =
    2 +
    header.encryptedDataKeys.reduce(
      (sum, { providerId, providerInfo, encryptedDataKey }) => sum + lengthPrefixed(providerId, providerInfo, encryptedDataKey),
      0,
    );
  const contentType = 1;
  const frameLength = 4;
  const commitment = 32;
  const tag = 16;
  const finalFrame = 4 + 4 + 12 + 4 + valueBytes + tag;
  return version + suite + messageId + context + dataKeys + contentType + frameLength + commitment + tag + finalFrame;
}
