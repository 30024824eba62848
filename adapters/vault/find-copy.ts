import { createHash } from 'node:crypto';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { storedVersions } from './read-records.ts';

export type CopySearch = {
  /** The version that is, byte for byte, what the manifest names. */
  versionId?: string | undefined;
  /** Why each other version is not, newest first. */
  differences: string[];
};

/** The versions of every key below a prefix, newest first, by one listing: for a point of thousands of objects. */
export async function listCopies(reader: ObjectReader, prefix: string): Promise<Map<string, ListedVersion[]>> {
  return Map.groupBy(await storedVersions(reader, prefix), ({ key }) => key);
}

/**
 * Looks for a copy of an object among the versions of its key in another bucket. Compares size and the full-object CRC that the
 * service keeps; where the service keeps none to compare, every byte is read and its SHA-256 compared.
 * @param listed the versions of that key, where they were listed before
 */
export async function findCopy(reader: ObjectReader, object: StoredObject, listed?: readonly ListedVersion[]): Promise<CopySearch> {
  const differences: string[] = [];
  for (const { key, versionId } of listed ?? (await storedVersions(reader, object.key))) {
    if (key !== object.key) continue;
    const difference = await compareCopy(reader, object, versionId);
    if (difference === undefined) return { versionId, differences };
    differences.push(`version ${versionId}: ${difference}`);
  }
  return { differences };
}

/** Undefined when the version is a true copy. */
async function compareCopy(reader: ObjectReader, object: StoredObject, versionId: string): Promise<string | undefined> {
  const head = await reader.head({ key: object.key, versionId });
  if (!head) return 'it is gone';
  if (head.sizeBytes !== object.sizeBytes) return `${head.sizeBytes} bytes, not ${object.sizeBytes}`;
  if (head.crc?.algorithm === object.crc.algorithm)
    return head.crc.value === object.crc.value ? undefined : `${head.crc.algorithm} ${head.crc.value}, not ${object.crc.value}`;
  const hash = createHash('sha256');
  for await (const chunk of reader.read({ key: object.key, versionId })) hash.update(chunk);
  const sha256 = hash.digest('hex');
  return sha256 === object.sha256 ? undefined : `SHA-256 ${sha256}, not ${object.sha256}`;
}
