import type { ListedVersion } from '../../core/ports/object-store.ts';
import { manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { factKind } from '../../core/vault/read-point.ts';
import type { RetentionPorts } from './ports.ts';

/** Every version of a point, delete markers among them, as they stand now. */
export async function readPlace(asset: string, point: string, { system, vault }: RetentionPorts) {
  const [data, catalog] = await Promise.all([
    listAll(vault, pointDataPrefix(system, asset, point)),
    listAll(vault, pointPrefix(system, asset, point)),
  ]);
  const prefix = pointPrefix(system, asset, point);
  const isNamedTombstone = ({ key }: ListedVersion) => key.startsWith(`${prefix}tombstone-`);
  const tombstones = catalog.filter(({ key, isDeleteMarker }) => !isDeleteMarker && factKind(key.slice(prefix.length)) === 'tombstone');
  const own = manifestKey(system, asset, point);
  return {
    data,
    /** All but the tombstones, which stay, the signatures of theirs too. */
    records: catalog.filter((version) => !isNamedTombstone(version)),
    /** Of each the oldest version; their signatures are none of them. */
    tombstones: [...new Map(tombstones.map((version) => [version.key, version])).values()],
    /** Of a record that was written over the oldest version counts. */
    manifest: catalog.findLast(({ key, isDeleteMarker }) => key === own && !isDeleteMarker),
  };
}

async function listAll(vault: RetentionPorts['vault'], prefix: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = [];
  for await (const version of vault.listVersions(prefix)) versions.push(version);
  return versions;
}
