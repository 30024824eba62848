/**
 * Whether what is named a tombstone is one. What a name says is not enough where a point would count as gone by it: a tombstone is of
 * this very point, and names the bytes of its manifest.
 */
import { createHash } from 'node:crypto';
import { parseJson } from '../parse-json.ts';
import type { ObjectReader } from '../ports/object-store.ts';
import { TombstoneFact } from './facts.ts';
import { factKey } from './keys.ts';

/** Of a point whose manifest is still there, and of whose tombstone a listing tells no more. Middle of a sentence. */
export const EXPIRING = 'an expiry that goes on, or was cut off, leaves it so; so does whoever writes a false one';

type Version = { key: string; versionId: string };
type PointName = { system: string; asset: string; point: string };

/**
 * Of a point whose manifest is still there: undefined when one of these is its tombstone, else why none of them is.
 * @param manifest the version that counts, which is the oldest, as of each of the `tombstones`
 */
export async function findFalseTombstone(
  reader: ObjectReader,
  of: PointName,
  manifest: Version,
  tombstones: readonly Version[],
): Promise<string | undefined> {
  const bytes = await reader.get(manifest);
  const sha256 = createHash('sha256')
    .update(bytes?.body ?? '')
    .digest('hex');
  for (const tombstone of tombstones) {
    const record = await reader.get(tombstone);
    const fact = TombstoneFact.safeParse(record && parseJson(record.body));
    if (!fact.success || fact.data.manifestSha256 !== sha256) continue;
    const { system, asset, point, id } = fact.data;
    const isOfPoint = system === of.system && asset === of.asset && point === of.point;
    if (isOfPoint && tombstone.key === factKey(system, asset, point, 'tombstone', id)) return undefined;
  }
  const names = tombstones.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)).join(', ');
  return `${names} stands beside it, and is no tombstone of this manifest: find out who wrote it`;
}
