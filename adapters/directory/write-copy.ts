/** Writes what a vault holds into a folder, in every version, with the list of them. */
import { createWriteStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { CopyUnreadable } from './errors.ts';
import { INDEX_FILE, OBJECTS_FOLDER, type IndexEntry } from './versions-index.ts';

export type CopyRequest = {
  reader: Pick<ObjectReader, 'read' | 'listVersions'>;
  directory: string;
  prefixes: readonly string[];
  /** Keys below other prefixes are listed, and their bytes stay where they are. */
  isWanted(key: string): boolean;
  onStored(bytes: number): void;
  signal: AbortSignal;
};

const READS_AT_ONCE = 8;

/** The index is written last: a folder without it is a copy that did not come to its end. Throws CopyUnreadable when it is not new. */
export async function writeCopy(request: CopyRequest): Promise<{ versions: number; files: number }> {
  const { reader, directory, prefixes } = request;
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new CopyUnreadable(directory, 'it has something in it already, and a copy is made into a new folder');
  mkdirSync(directory, { recursive: true });
  const entries: IndexEntry[] = [];
  for (const prefix of prefixes)
    for await (const version of reader.listVersions(prefix)) {
      request.signal.throwIfAborted();
      entries.push(toEntry(version, entries, request.isWanted(version.key)));
    }
  const stored = entries.filter((entry) => entry.file !== undefined);
  await severalAtOnce(stored, READS_AT_ONCE, async ({ key, versionId, file = '' }) => {
    const path = join(directory, OBJECTS_FOLDER, file);
    mkdirSync(dirname(path), { recursive: true });
    const source = reader.read({ key, versionId });
    await pipeline(
      counted(source, (bytes) => request.onStored(bytes)),
      createWriteStream(path, { flags: 'wx' }),
      { signal: request.signal },
    );
  });
  writeFileSync(join(directory, INDEX_FILE), `${JSON.stringify(entries, undefined, 2)}\n`);
  return { versions: entries.length, files: stored.length };
}

async function* counted(source: AsyncIterable<Uint8Array>, onStored: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    onStored(chunk.length);
    yield chunk;
  }
}

/** Later versions of a key get a name of their own; S3 lists the newest first, so that the last is the one that counts. */
function toEntry(version: ListedVersion, before: IndexEntry[], isWanted: boolean): IndexEntry {
  const { key, versionId, lastModified, isLatest, isDeleteMarker, sizeBytes } = version;
  const entry = { key, versionId, lastModified: lastModified.toISOString(), isLatest, isDeleteMarker };
  if (isDeleteMarker) return entry;
  if (!isWanted) return { ...entry, sizeBytes };
  for (let at = before.length - 1; before[at]?.key === key; at--) {
    const other = before[at];
    if (other?.file === key) other.file = `${key}.${other.versionId}`;
  }
  return { ...entry, sizeBytes, file: key };
}
