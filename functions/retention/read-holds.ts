import type { PointName } from '../../adapters/vault/read-records.ts';
import { readHoldFacts } from '../../core/lock/read-holds.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { activeHolds } from '../../core/retention/holds.ts';

/** Names of the holds that are on a point now. */
export const readHolds = async (vault: ObjectReader, of: PointName): Promise<string[]> =>
  activeHolds((await readHoldFacts(vault, of)).map(({ fact }) => fact));
