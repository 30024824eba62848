import type { ListedVersion } from '../../core/ports/object-store.ts';
import { manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import type { RetentionPorts } from './ports.ts';

/** Every version of a point, delete markers among them, as they stand now. */
export async function readPlace(asset: string, point: string, { system, vault }: RetentionPorts) {
  const [data, catalog] = await Promise.all([
    listAll(vault, pointDataPrefix(system, asset, point)),
    listAll(vault, pointPrefix(system, asset, point)),
  ]);
  const isTombstone = ({ key }: ListedVersion) => key.startsWith(`${pointPrefix(system, asset, point)}tombstone-`);
  const own = manifestKey(system, asset, point);
  return {
    data,
    /** All but the tombstones, which stay, the signatures of theirs too. */
    records: catalog.filter((version) => !isTombstone(version)),
    isTombstoned: catalog.some(isTombstone),
    /** Of a record that was written over the oldest version counts. */
    manifest: catalog.findLast(({ key, isDeleteMarker }) => key === own && !isDeleteMarker),
  };
}

async function listAll(vault: RetentionPorts['vault'], prefix: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = [];
  for await (const version of vault.listVersions(prefix)) versions.push(version);
  return versions;
}
