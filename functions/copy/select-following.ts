import { readHoldFacts, standingHolds, type HoldFact } from '../../core/lock/read-holds.ts';
import { isOfBothVaults } from '../../core/copy/select-missing.ts';
import { isSignatureKey, signatureKey } from '../../core/vault/keys.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import type { CopyPorts } from './ports.ts';

/**
 * Of records, those that the replica is to have. A hold follows as long as it stands: its release does not follow, and would leave the
 * copy held by what was over before it came.
 */
export async function selectFollowing(keys: readonly string[], { vault }: Pick<CopyPorts, 'vault'>): Promise<string[]> {
  const read = new Map<string, Promise<HoldFact[]>>();
  const follows = await Promise.all(
    keys.map(async (key) => {
      const owner = pointOfKey(key);
      if (!isOfBothVaults(key)) return false;
      if (!owner || !key.slice(key.lastIndexOf('/') + 1).startsWith('held-')) return true;
      const place = `${owner.asset}/${owner.point}`;
      const known = read.get(place) ?? readHoldFacts(vault, owner).catch(passOver);
      read.set(place, known);
      const facts = await known;
      const own = facts.find((one) => key === (isSignatureKey(key) ? signatureKey(one.key) : one.key));
      return own === undefined || standingHolds(facts).includes(own.fact.hold);
    }),
  );
  return keys.filter((_, index) => follows[index]);
}

/** What cannot be read follows as it is, and is told by who reads it. */
function passOver(error: unknown): HoldFact[] {
  if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown) return [];
  throw error;
}
