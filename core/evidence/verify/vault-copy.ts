/** A vault as a check reads it: the bucket itself, or files that somebody downloaded from it. */
import type { ListedVersion, ObjectReader } from '../../ports/object-store.ts';
import type { Report } from './findings.ts';

export type VaultCopy = {
  /** For messages. */
  where: string;
  reader: Pick<ObjectReader, 'get' | 'read' | 'listVersions' | 'listFolders'>;
  /** Whether it tells versions of a key apart. Plain files have one each, and no delete markers. */
  hasVersions: boolean;
  /** Keys that a list of its own names, and of which it holds no bytes: a copy that came away half, or that somebody thinned. */
  absent?: readonly string[];
  /** Files that its own list does not name. */
  unlisted?: readonly string[];
};

/** Everything that stands under one key. */
export type ListedKey = {
  key: string;
  /** The version that counts, which is the oldest; undefined when there are delete markers alone. */
  version: ListedVersion | undefined;
  /** All that hold bytes, newest first. */
  versions: ListedVersion[];
  isOverwritten: boolean;
  hasDeleteMarker: boolean;
};

/** Keys below a prefix, in their order. */
export async function* listKeys({ reader }: VaultCopy, prefix: string): AsyncIterable<ListedKey> {
  let all: ListedVersion[] = [];
  for await (const version of reader.listVersions(prefix)) {
    if (all.length > 0 && all[0]?.key !== version.key) {
      yield toListedKey(all);
      all = [];
    }
    all.push(version);
  }
  if (all.length > 0) yield toListedKey(all);
}

function toListedKey(all: readonly ListedVersion[]): ListedKey {
  const versions = all.filter(({ isDeleteMarker }) => !isDeleteMarker);
  const hasDeleteMarker = versions.length < all.length;
  return { key: all[0]?.key ?? '', version: versions.at(-1), versions, isOverwritten: versions.length > 1, hasDeleteMarker };
}

/** Records are written once, and nobody deletes them by their key. */
export function reportTraces({ key, isOverwritten, hasDeleteMarker }: ListedKey, report: Report): void {
  if (isOverwritten) report('record-overwritten', key, 'somebody wrote over it; the oldest version counts, and is what was checked');
  if (hasDeleteMarker) report('record-hidden', key, 'somebody deleted it, which leaves a delete marker and takes nothing away');
}

/** Bytes of the version that counts; undefined when there is none. */
export async function readBody({ reader }: VaultCopy, listed: ListedKey | undefined): Promise<Uint8Array | undefined> {
  if (!listed?.version) return undefined;
  const { key, versionId } = listed.version;
  return (await reader.get({ key, versionId }))?.body;
}
