import { placeObjects } from '../../core/restore/place-objects.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { loadPoint, type LoadedPoint, type PointName } from '../verify/load-point.ts';
import { PointNotReady } from './point-not-ready.ts';

/**
 * A point whose objects are those of the vault that is read: in the replica they have other versions, which only its facts name.
 * Throws what `loadPoint` throws, and PointNotReady.
 */
export async function loadPlacedPoint(reader: ObjectReader, name: PointName, from: VaultSide): Promise<LoadedPoint> {
  const loaded = await loadPoint(reader, name);
  if (from === 'vault') return loaded;
  const records = await readPoint(reader, name.system, name.asset, name.point);
  if (!records) throw new ObjectMissing(`The point ${name.point} in ${reader.bucket}`);
  const objects = placeObjects(loaded.manifest, records.facts, from);
  if (!objects) throw new PointNotReady(name.point, 'is not wholly replicated');
  return { ...loaded, manifest: { ...loaded.manifest, objects } };
}
