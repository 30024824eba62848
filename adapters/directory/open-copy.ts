import type { VaultCopy } from '../../core/evidence/verify/vault-copy.ts';
import { CopyUnreadable } from './errors.ts';
import { indexedCopy } from './indexed-copy.ts';
import { plainCopy } from './plain-copy.ts';
import { readVersionsIndex } from './versions-index.ts';

/** Throws CopyUnreadable when there is nothing of a vault in it, or what is of several systems. */
export async function openCopy(directory: string): Promise<{ copy: VaultCopy; system: string }> {
  const entries = readVersionsIndex(directory);
  const reader = entries ? indexedCopy(directory, entries) : plainCopy(directory);
  const systems = new Set<string>();
  for (const top of ['catalog/', 'chain/', 'evidence/'])
    for await (const folder of reader.listFolders(top)) systems.add(folder.slice(top.length, -1));
  const [system, other] = [...systems];
  if (system === undefined) throw new CopyUnreadable(directory, 'it has no catalog/, chain/ or evidence/ folder with something in it');
  if (other !== undefined) throw new CopyUnreadable(directory, `it is of several systems: ${[...systems].toSorted().join(', ')}`);
  return { copy: { where: directory, reader, hasVersions: entries !== undefined }, system };
}
