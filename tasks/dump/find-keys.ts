/**
 * Which escrowed keys a point needs: of each the value that was current when escrow last ran, and first in the list; then those that
 * became current since the last point, for rows may be of any of them. Found by listing alone.
 */
import { selectCurrentAfter, selectCurrentFingerprint } from '../../core/escrow/current-key.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { slotInstant } from '../../core/vault/ids.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';

/** @param lastPoint id of the point before this one; undefined when there is none, or it is not asked for */
export async function findKeyFingerprints(
  escrow: Pick<ObjectReader, 'list'>,
  { system, keys, lastPoint }: { system: string; keys: readonly string[]; lastPoint?: string | undefined },
): Promise<Manifest['keys']> {
  const found: Manifest['keys'] = [];
  for (const key of keys) {
    const listed: string[] = [];
    for await (const object of escrow.list(escrowPrefix(system, key))) listed.push(object.key);
    const current = selectCurrentFingerprint(listed, system, key);
    const since = lastPoint === undefined ? [] : selectCurrentAfter(listed, system, key, slotInstant(lastPoint));
    // A key that is not in escrow yet is the escrow's alarm, not a reason to go without a backup: the point says that it has none.
    const fingerprints = new Set([...(current === undefined ? [] : [current]), ...since]);
    found.push(...[...fingerprints].map((fingerprint) => ({ key, fingerprint })));
  }
  return found;
}

/** A key may be rotated during the dump: the rows are of before, and escrow may not have seen the rotation of just before yet. */
export const joinKeys = (atEnd: Manifest['keys'], atStart: Manifest['keys']): Manifest['keys'] => [
  ...atEnd,
  ...atStart.filter((early) => !atEnd.some(({ key, fingerprint }) => key === early.key && fingerprint === early.fingerprint)),
];
