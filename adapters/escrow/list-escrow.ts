import { readWithoutValue, type WithoutValue } from '../../core/escrow/empty-versions.ts';
import { readKeyStates, type KeyVersionState } from '../../core/escrow/key-state.ts';
import { AccessRefused, StoreUnavailable } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';

type Lister = Pick<ObjectReader, 'listVersions'>;

/**
 * What one region's escrow knows of each value of a key, by a listing alone. A delete marker hides nothing.
 * @param now when it is asked, or the beginning of the run that asks: what is dated after it says nothing
 */
export const listEscrow = async (escrow: Lister, system: string, key: string, now: Date): Promise<Map<string, KeyVersionState>> =>
  (await listKey(escrow, system, key, now)).states;

/** And of the versions of its source that give none. `empty`: their ids. */
export async function listKey(
  escrow: Lister,
  system: string,
  key: string,
  now: Date,
): Promise<{ states: Map<string, KeyVersionState>; withoutValue: WithoutValue[]; empty: Set<string> }> {
  const listed: string[] = [];
  for await (const version of escrow.listVersions(escrowPrefix(system, key))) if (!version.isDeleteMarker) listed.push(version.key);
  const withoutValue = readWithoutValue(listed, system, key);
  return { states: readKeyStates(listed, system, key, now), withoutValue, empty: new Set(withoutValue.map(({ id }) => id)) };
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
