import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { publicKeysPrefix } from '../vault/keys.ts';
import { readPublicKeys, type PublicKey } from './public-key.ts';

/** The public keys that a vault keeps, where the signer alone may write, or bring them from the other vault. Of each the oldest version. */
export async function readKeptKeys(reader: Pick<ObjectReader, 'get' | 'listVersions'>, system: string): Promise<PublicKey[]> {
  const oldest = new Map<string, ListedVersion>();
  // S3 lists the versions of a key newest first.
  for await (const version of reader.listVersions(publicKeysPrefix(system))) if (!version.isDeleteMarker) oldest.set(version.key, version);
  const records = await Promise.all([...oldest.values()].map(({ key, versionId }) => reader.get({ key, versionId })));
  return records.flatMap((record) => readPublicKeys(Buffer.from(record?.body ?? []).toString()) ?? []);
}
