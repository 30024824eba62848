/** A vault that was downloaded with all of its versions: files, and the list of what S3 had. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader, ObjectRef } from '../../core/ports/object-store.ts';
import { DATA_FOLDER, OBJECTS_FOLDER, type IndexEntry } from './versions-index.ts';

/** `absent`: keys of which a version is listed, and its bytes are not in the copy: it came away half, or somebody took them. */
export type IndexedCopy = ObjectReader & { absent: readonly string[] };

/**
 * A version whose bytes are not there is not listed: what names it must miss it.
 * @param listed as S3 listed them: the versions of a key newest first, its delete markers anywhere
 */
export function indexedCopy(directory: string, listed: readonly IndexEntry[]): IndexedCopy {
  const pathOf = (file: string) => join(directory, OBJECTS_FOLDER, file);
  const isThere = ({ key, file, isDeleteMarker }: IndexEntry) => {
    if (isDeleteMarker) return true;
    // Of the bytes of points a download may hold the list alone.
    return file === undefined ? key.startsWith(DATA_FOLDER) : statSync(pathOf(file), { throwIfNoEntry: false })?.isFile() === true;
  };
  const absent = [...new Set(listed.filter((entry) => !isThere(entry)).map(({ key }) => key))];
  const entries = listed.filter(isThere).toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const byKey = Map.groupBy(entries, ({ key }) => key);
  const find = ({ key, versionId }: ObjectRef) =>
    byKey.get(key)?.find((entry) => !entry.isDeleteMarker && (versionId === undefined ? entry.isLatest : entry.versionId === versionId));
  const sizeOf = ({ file, sizeBytes, isDeleteMarker }: IndexEntry) => {
    if (isDeleteMarker) return 0;
    return file === undefined ? (sizeBytes ?? 0) : statSync(pathOf(file)).size;
  };
  const describe = (entry: IndexEntry): ListedVersion => ({
    key: entry.key,
    versionId: entry.versionId,
    sizeBytes: sizeOf(entry),
    lastModified: new Date(entry.lastModified),
    isLatest: entry.isLatest,
    isDeleteMarker: entry.isDeleteMarker,
  });
  const current = (prefix: string) => entries.filter((entry) => entry.key.startsWith(prefix) && entry.isLatest && !entry.isDeleteMarker);
  return {
    bucket: directory,
    absent,
    get(ref) {
      const entry = find(ref);
      if (entry?.file === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ body: readFileSync(pathOf(entry.file)), versionId: entry.versionId });
    },
    async *read(ref) {
      const entry = find(ref);
      if (entry?.file === undefined) throw new ObjectMissing(`${directory}: ${ref.key}`);
      yield* createReadStream(pathOf(entry.file)) as AsyncIterable<Uint8Array>;
    },
    head(ref) {
      const entry = find(ref);
      return Promise.resolve(entry && { versionId: entry.versionId, sizeBytes: sizeOf(entry), isHeld: false });
    },
    async *list(prefix) {
      for (const entry of current(prefix)) {
        const { key, sizeBytes, lastModified } = describe(entry);
        yield await Promise.resolve({ key, sizeBytes, lastModified });
      }
    },
    async *listFolders(prefix, options) {
      const folders = (options?.evenHidden ? entries.filter(({ key }) => key.startsWith(prefix)) : current(prefix))
        .map((entry) => entry.key.slice(prefix.length).split('/'))
        .filter((parts) => parts.length > 1);
      yield* new Set(folders.map(([folder]) => `${prefix}${folder}/`));
    },
    async *listVersions(prefix) {
      for (const entry of entries) if (entry.key.startsWith(prefix)) yield await Promise.resolve(describe(entry));
    },
  };
}
