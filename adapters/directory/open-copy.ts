import { join } from 'node:path';
import type { VaultCopy } from '../../core/evidence/verify/vault-copy.ts';
import { CopyUnreadable } from './errors.ts';
import { indexedCopy } from './indexed-copy.ts';
import { plainCopy } from './plain-copy.ts';
import { OBJECTS_FOLDER, readVersionsIndex, type IndexEntry } from './versions-index.ts';

/** Throws CopyUnreadable when there is nothing of a vault in it, or what is of several systems. */
export async function openCopy(directory: string): Promise<{ copy: VaultCopy; system: string }> {
  const entries = readVersionsIndex(directory);
  const indexed = entries && indexedCopy(directory, entries);
  const reader = indexed ?? plainCopy(directory);
  // What the list names counts here too, or a copy without its objects would be none at all.
  const systems = new Set(indexed?.absent.flatMap((key) => /^(?:catalog|chain|evidence)\/([^/]+)\//.exec(key)?.[1] ?? []));
  for (const top of ['catalog/', 'chain/', 'evidence/'])
    for await (const folder of reader.listFolders(top)) systems.add(folder.slice(top.length, -1));
  const [system, other] = [...systems];
  if (system === undefined) throw new CopyUnreadable(directory, 'it has no catalog/, chain/ or evidence/ folder with something in it');
  if (other !== undefined) throw new CopyUnreadable(directory, `it is of several systems: ${[...systems].toSorted().join(', ')}`);
  const unlisted = entries ? await findUnlisted(directory, entries) : [];
  return { copy: { where: directory, reader, hasVersions: entries !== undefined, absent: indexed?.absent ?? [], unlisted }, system };
}

/** Files beside those that the list names: whoever takes a line out of the list may leave them. */
async function findUnlisted(directory: string, entries: readonly IndexEntry[]): Promise<string[]> {
  const named = new Set(entries.map(({ file }) => file));
  const unlisted: string[] = [];
  for await (const { key } of plainCopy(join(directory, OBJECTS_FOLDER)).listVersions('')) if (!named.has(key)) unlisted.push(key);
  return unlisted;
}
