import { readKeyStates, type KeyVersionState } from '../../core/escrow/key-state.ts';
import { AccessRefused, StoreUnavailable } from '../../core/ports/object-errors.ts';
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

/** Key assets that have anything in one region's escrow, whether or not a plan still names them. */
export async function namesOfKeys(escrow: Pick<ObjectReader, 'listFolders'>, system: string): Promise<string[]> {
  const prefix = escrowPrefix(system, '').slice(0, -1);
  const names: string[] = [];
  for await (const folder of escrow.listFolders(prefix)) names.push(folder.slice(prefix.length, -1));
  return names;
}

/** Undefined where a region cannot be looked at: what the other one has goes into escrow all the same. */
export async function unlessAway<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof AccessRefused) return undefined;
    throw error;
  }
}
