import type { PointName } from '../../adapters/vault/read-records.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { activeHolds } from '../../core/retention/holds.ts';
import { findPoint, readPoint } from '../../core/vault/read-point.ts';

/** Names of the holds that are on a point now. */
export async function readHolds(vault: ObjectReader, { system, asset, point }: PointName): Promise<string[]> {
  const listed = await findPoint(vault, system, asset, point);
  if (!listed?.kinds.has('held')) return [];
  const records = await readPoint(vault, system, asset, point);
  return records ? activeHolds(records.facts) : [];
}
