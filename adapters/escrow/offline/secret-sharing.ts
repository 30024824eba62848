import { randomFillSync } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { SplitUnsound } from '../../../core/escrow/offline/errors.ts';
import { ceremonyOf, recipientOf, SECRET_BYTES } from '../../../core/escrow/offline/identity.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import type { Share } from '../../../core/escrow/offline/share-text.ts';

export { combine as combineShares };

/**
 * A new identity, split; nothing of the identity itself is left but its public half. The caller overwrites the shares.
 * @throws SplitUnsound
 */
export async function splitNewIdentity(
  shares: number,
  threshold: number,
  splitSecret: typeof split = split,
): Promise<{ recipient: string; ceremony: string; shares: Share[] }> {
  const secret = randomFillSync(new Uint8Array(SECRET_BYTES));
  try {
    const recipient = recipientOf(secret);
    const ceremony = ceremonyOf(recipient);
    const made = (await splitSecret(secret, shares, threshold)).map((bytes, index) => ({
      threshold,
      number: index + 1,
      shares,
      ceremony,
      bytes,
    }));
    await checkSplit(made, threshold);
    return { recipient, ceremony, shares: made };
  } finally {
    secret.fill(0);
  }
}

/** Once the sheets are printed and the identity is forgotten it is too late to find out: every share is joined with its neighbours. */
async function checkSplit(shares: readonly Share[], threshold: number): Promise<void> {
  for (let end = threshold; end <= shares.length; end++) {
    const joined = shares.slice(end - threshold, end);
    try {
      const { secret } = await joinShares(joined, combine);
      secret.fill(0);
    } catch (cause) {
      for (const { bytes } of shares) bytes.fill(0);
      throw new SplitUnsound(
        joined.map(({ number }) => number),
        { cause },
      );
    }
  }
}
