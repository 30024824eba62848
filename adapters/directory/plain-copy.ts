/** A folder of plain files, as `aws s3 sync` makes it: the newest version of each key, and nothing of what a delete marker hides. */
import { createReadStream, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';

/** Files have no versions: each is the only one of its key. */
const ONLY_VERSION = 'file';

export function plainCopy(directory: string): ObjectReader {
  const find = (key: string): Stats | undefined => {
    const found = statSync(join(directory, key), { throwIfNoEntry: false });
    return found?.isFile() ? found : undefined;
  };
  const isThere = (ref: { key: string; versionId?: string | undefined }) =>
    (ref.versionId === undefined || ref.versionId === ONLY_VERSION) && find(ref.key) !== undefined;
  async function* listVersions(prefix: string): AsyncIterable<ListedVersion> {
    for (const key of keysBelow(directory, prefix)) {
      const { size, mtime } = statSync(join(directory, key));
      yield await Promise.resolve({
        key,
        versionId: ONLY_VERSION,
        sizeBytes: size,
        lastModified: mtime,
        isLatest: true,
        isDeleteMarker: false,
      });
    }
  }
  return {
    bucket: directory,
    get(ref) {
      return Promise.resolve(isThere(ref) ? { body: readFileSync(join(directory, ref.key)), versionId: ONLY_VERSION } : undefined);
    },
    async *read(ref) {
      if (!isThere(ref)) throw new ObjectMissing(`${directory}: ${ref.key}`);
      yield* createReadStream(join(directory, ref.key)) as AsyncIterable<Uint8Array>;
    },
    head(ref) {
      return Promise.resolve(isThere(ref) ? { versionId: ONLY_VERSION, sizeBytes: find(ref.key)?.size ?? 0, isHeld: false } : undefined);
    },
    list: listVersions,
    async *listFolders(prefix) {
      for (const name of entriesOf(join(directory, prefix))) if (name.endsWith('/')) yield await Promise.resolve(`${prefix}${name}`);
    },
    listVersions,
  };
}

/** In the order of the keys. A folder that is not below the prefix is not looked into: `data/` may be the most of a vault. */
function* keysBelow(directory: string, prefix: string, folder = ''): Iterable<string> {
  for (const name of entriesOf(join(directory, folder))) {
    const key = `${folder}${name}`;
    if (!key.startsWith(prefix) && !(name.endsWith('/') && prefix.startsWith(key))) continue;
    if (name.endsWith('/')) yield* keysBelow(directory, prefix, key);
    else yield key;
  }
}

/** Names in a folder, those of folders with their slash, as S3 orders keys. */
function entriesOf(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(path, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
