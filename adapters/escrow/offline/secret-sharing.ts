import { randomFillSync } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { ceremonyOf, recipientOf, SECRET_BYTES } from '../../../core/escrow/offline/identity.ts';
import type { Share } from '../../../core/escrow/offline/share-text.ts';

export { combine as combineShares };

/** A new identity, split; nothing of the identity itself is left but its public half. The caller overwrites the shares. */
export async function splitNewIdentity(
  shares: number,
  threshold: number,
): Promise<{ recipient: string; ceremony: string; shares: Share[] }> {
  const secret = randomFillSync(new Uint8Array(SECRET_BYTES));
  try {
    const recipient = recipientOf(secret);
    const ceremony = ceremonyOf(recipient);
    const made = await split(secret, shares, threshold);
    return { recipient, ceremony, shares: made.map((bytes, index) => ({ threshold, number: index + 1, shares, ceremony, bytes })) };
  } finally {
    secret.fill(0);
  }
}
