/** Records of a vault as they count: of a key that is written once, the oldest version, whatever was put over it later. */
import { PointRecordDamaged, unreadableRecord } from '../../core/vault/record-errors.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { manifestKey } from '../../core/vault/keys.ts';
import { Manifest, MANIFEST_FORMATS } from '../../core/vault/manifest.ts';
import { parseJson } from '../../core/parse-json.ts';

/** All versions under a prefix that hold bytes, oldest last within a key, as S3 lists them. */
export async function storedVersions(reader: ObjectReader, prefix: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = [];
  for await (const version of reader.listVersions(prefix)) if (!version.isDeleteMarker) versions.push(version);
  return versions;
}

/** Undefined when there never was such an object; one hidden by a delete marker is found. */
export async function oldestVersion(reader: ObjectReader, key: string): Promise<ListedVersion | undefined> {
  return (await storedVersions(reader, key)).findLast((version) => version.key === key);
}

/** Undefined when the key was never written. */
export async function readRecord(reader: ObjectReader, key: string): Promise<{ body: Uint8Array; versionId: string } | undefined> {
  const version = await oldestVersion(reader, key);
  return version && reader.get({ key, versionId: version.versionId });
}

export type PointName = { system: string; asset: string; point: string };
export type StoredManifest = { manifest: Manifest; body: Uint8Array; versionId: string; key: string };

/** Throws ObjectMissing when there is no such point, PointRecordDamaged or RecordFormatUnknown when its manifest cannot be read. */
export async function readManifest(reader: ObjectReader, { system, asset, point }: PointName): Promise<StoredManifest> {
  const key = manifestKey(system, asset, point);
  const record = await readRecord(reader, key);
  if (!record) throw new ObjectMissing(`The point s3://${reader.bucket}/${key}`);
  const content = parseJson(record.body);
  const parsed = Manifest.safeParse(content);
  if (!parsed.success) throw unreadableRecord(`s3://${reader.bucket}/${key}`, content, MANIFEST_FORMATS, parsed.error);
  const manifest = parsed.data;
  if (manifest.system !== system || manifest.asset !== asset || manifest.point !== point)
    throw new PointRecordDamaged(`s3://${reader.bucket}/${key}`, { cause: new Error('it names another point') });
  return { manifest, body: record.body, versionId: record.versionId, key };
}
