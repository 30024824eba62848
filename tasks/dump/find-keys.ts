/** Which escrowed keys a point needs: of each the value that was current when escrow last ran. Found by listing alone. */
import { selectCurrentFingerprint } from '../../core/escrow/current-key.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';

export async function findKeyFingerprints(
  escrow: Pick<ObjectReader, 'list'>,
  system: string,
  keys: readonly string[],
): Promise<Manifest['keys']> {
  const found: Manifest['keys'] = [];
  for (const key of keys) {
    const listed: string[] = [];
    for await (const object of escrow.list(escrowPrefix(system, key))) listed.push(object.key);
    const fingerprint = selectCurrentFingerprint(listed, system, key);
    // A key that is not in escrow yet is the escrow's alarm, not a reason to go without a backup: the point says that it has none.
    if (fingerprint !== undefined) found.push({ key, fingerprint });
  }
  return found;
}

/** A key may be rotated during the dump: the rows are of before, and escrow may not have seen the rotation of just before yet. */
export const joinKeys = (atEnd: Manifest['keys'], atStart: Manifest['keys']): Manifest['keys'] => [
  ...atEnd,
  ...atStart.filter((early) => !atEnd.some(({ key, fingerprint }) => key === early.key && fingerprint === early.fingerprint)),
];
