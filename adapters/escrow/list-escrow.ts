import { readKeyStates, type KeyVersionState } from '../../core/escrow/key-state.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';

/** What one region's escrow knows of each value of a key, by a listing alone. A delete marker hides nothing. */
export async function listEscrow(
  escrow: Pick<ObjectReader, 'listVersions'>,
  system: string,
  key: string,
): Promise<Map<string, KeyVersionState>> {
  const listed: string[] = [];
  for await (const version of escrow.listVersions(escrowPrefix(system, key))) if (!version.isDeleteMarker) listed.push(version.key);
  return readKeyStates(listed, system, key);
}
