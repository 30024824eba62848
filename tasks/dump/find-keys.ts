/** Which escrowed keys a point needs: the newest envelope of each, as it was at the time of the dump. Found by listing alone. */
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';

type Listed = { key: string; lastModified: Date };

export async function findKeyFingerprints(
  escrow: Pick<ObjectReader, 'list'>,
  system: string,
  keys: readonly string[],
): Promise<Manifest['keys']> {
  const found: Manifest['keys'] = [];
  for (const key of keys) {
    const prefix = escrowPrefix(system, key);
    let newest: Listed | undefined;
    for await (const object of escrow.list(prefix)) {
      if (object.key.endsWith('/envelope') && (newest === undefined || object.lastModified > newest.lastModified)) newest = object;
    }
    // A key that is not in escrow yet is the escrow's alarm, not a reason to go without a backup: the point says that it has none.
    if (newest !== undefined) found.push({ key, fingerprint: newest.key.slice(prefix.length).split('/')[0] ?? '' });
  }
  return found;
}
