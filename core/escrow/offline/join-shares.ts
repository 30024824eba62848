import { ShareUnusable } from './errors.ts';
import { ceremonyOf, inFours, recipientOf } from './identity.ts';
import type { Share } from './share-text.ts';

/** Puts the bytes of shares together: the only thing here that knows how they were split. */
type Combine = (shares: Uint8Array[]) => Promise<Uint8Array>;

/** Whether one more share goes with those that are there. Throws ShareUnusable. */
export function checkAgainst(earlier: readonly Share[], next: Share): void {
  const [first] = earlier;
  if (first !== undefined && first.ceremony !== next.ceremony)
    throw new ShareUnusable(
      'other-ceremony',
      `This share is of the ceremony ${inFours(next.ceremony)}, the first one of ${inFours(first.ceremony)}`,
    );
  if (earlier.some(({ number }) => number === next.number)) throw new ShareUnusable('given-twice', `Share ${next.number} was given before`);
}

/**
 * The secret that a ceremony split. What comes out of wrong shares is a wrong secret and no error: so it is compared with the
 * ceremony, whose name comes from the identity itself.
 * @returns 32 bytes, which the caller overwrites
 */
export async function joinShares(
  shares: readonly Share[],
  combine: Combine,
): Promise<{ secret: Uint8Array; recipient: string; ceremony: string }> {
  for (const [index, share] of shares.entries()) checkAgainst(shares.slice(0, index), share);
  const [first] = shares;
  if (first === undefined || shares.length < first.threshold)
    throw new ShareUnusable('too-few', `${shares.length} of the ${first?.threshold ?? 'needed'} shares are there that are needed`);
  const notRebuilt = (cause?: unknown) =>
    new ShareUnusable('not-rebuilt', `These shares do not rebuild the identity of the ceremony ${inFours(first.ceremony)}`, { cause });
  let secret: Uint8Array;
  try {
    secret = await combine(shares.slice(0, first.threshold).map(({ bytes }) => bytes));
  } catch (error) {
    // Such as two that are the same point under other numbers.
    throw notRebuilt(error);
  }
  const recipient = recipientOf(secret);
  if (ceremonyOf(recipient) !== first.ceremony) {
    secret.fill(0);
    throw notRebuilt();
  }
  return { secret, recipient, ceremony: first.ceremony };
}
