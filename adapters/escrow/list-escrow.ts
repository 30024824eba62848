import { readEmptyVersions } from '../../core/escrow/empty-versions.ts';
import { readKeyStates, type KeyVersionState } from '../../core/escrow/key-state.ts';
import { AccessRefused, StoreUnavailable } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';

type Lister = Pick<ObjectReader, 'listVersions'>;

/** What one region's escrow knows of each value of a key, by a listing alone. A delete marker hides nothing. */
export const listEscrow = async (escrow: Lister, system: string, key: string): Promise<Map<string, KeyVersionState>> =>
  (await listKey(escrow, system, key)).states;

/** And of the versions of its source that hold none. */
export async function listKey(
  escrow: Lister,
  system: string,
  key: string,
): Promise<{ states: Map<string, KeyVersionState>; empty: Set<string> }> {
  const listed: string[] = [];
  for await (const version of escrow.listVersions(escrowPrefix(system, key))) if (!version.isDeleteMarker) listed.push(version.key);
  return { states: readKeyStates(listed, system, key), empty: readEmptyVersions(listed, system, key) };
}

/** Key assets that have anything in one region's escrow, whether or not a plan still names them. A delete marker hides none. */
export async function namesOfKeys(escrow: Pick<ObjectReader, 'listFolders'>, system: string): Promise<string[]> {
  const prefix = escrowPrefix(system, '').slice(0, -1);
  const names: string[] = [];
  for await (const folder of escrow.listFolders(prefix, { evenHidden: true })) names.push(folder.slice(prefix.length, -1));
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
