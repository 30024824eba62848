/**
 * Keys of records that are named by their time, month by month from the newest: what is asked of a vault does not grow with its years.
 */
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';

/** Prefixes such as `202611`, newest first: one more than the month of `at`, for ids of clocks that are ahead. */
export function* monthsBack(at: Date, until: Date): Generator<string> {
  const first = Date.UTC(until.getUTCFullYear(), until.getUTCMonth());
  for (let month = 1; ; month--) {
    const start = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + month);
    if (start < first) return;
    yield new Date(start).toISOString().slice(0, 7).replace('-', '');
  }
}

/** By key, the oldest version of each, which is the one that counts; hidden or not. */
export async function oldestVersions(reader: ObjectReader, prefix: string): Promise<Map<string, ListedVersion>> {
  const oldest = new Map<string, ListedVersion>();
  // S3 lists the versions of a key newest first.
  for await (const version of reader.listVersions(prefix)) if (!version.isDeleteMarker) oldest.set(version.key, version);
  return oldest;
}

/** The first key below a prefix; one request. */
export async function firstKey(reader: ObjectReader, prefix: string): Promise<string | undefined> {
  for await (const { key } of reader.listVersions(prefix)) return key;
  return undefined;
}
