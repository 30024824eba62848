import type { PointName } from '../../adapters/vault/read-records.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { placeObjects } from '../../core/restore/place-objects.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import type { VaultSide } from '../../core/vault/side.ts';

/** Exactly the versions of the data that are the point's: other attempts' bytes are no part of it. In the replica they have other ids. */
export async function objectsOfPoint(
  of: PointName,
  manifest: Manifest,
  { vault, side }: { vault: ObjectReader; side: VaultSide },
): Promise<readonly { key: string; versionId: string }[]> {
  if (side === 'vault') return manifest.objects;
  const records = await readPoint(vault, of.system, of.asset, of.point);
  const placed = records && placeObjects(records.manifest, records.facts, 'replica');
  if (!placed) throw new ObjectMissing(`The whole copy of ${of.asset}/${of.point} in s3://${vault.bucket}`);
  return placed;
}
