import type { KeyVersionState } from '../../core/escrow/key-state.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { needsOf, type KeyNeeds } from '../../core/restore/key-needs.ts';
import { findKeyProblems, type KeyProblem } from '../../core/restore/missing-keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { listEscrow } from './list-escrow.ts';

/** Of the keys that a point names or its content needs those that this region could not get back. */
export async function findMissing(
  escrow: Pick<ObjectReader, 'listVersions'>,
  manifest: Pick<Manifest, 'system' | 'asset' | 'keys'>,
  needs: KeyNeeds,
  now: Date,
): Promise<KeyProblem[]> {
  const needed = needsOf(needs, manifest.asset);
  // All are looked at: of a key that is not named here nothing would be known, and so nothing said.
  const known: Record<string, KeyVersionState[]> = {};
  for (const key of new Set([...needed.needsKeys, ...manifest.keys.map((one) => one.key)]))
    known[key] = [...(await listEscrow(escrow, manifest.system, key, now)).values()];
  return findKeyProblems(manifest, needed, known, now);
}
