/** A point as its vault tells of it: the manifest that counts, checked against everything else that speaks of it. */
import { addToCrc32, encodeCrc32 } from '../../adapters/s3/crc.ts';
import { readManifest, readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { pointDataPrefix, signatureKey } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { signedSha256 } from '../../core/vault/signed-manifest.ts';

export type PointName = { system: string; asset: string; point: string };
export type LoadedPoint = {
  manifest: Manifest;
  manifestSha256: string;
  /** What does not harm the point and still must not go unseen: a manifest that was written over or hidden. */
  warnings: string[];
};

/** Throws ObjectMissing (PointMissing), PointRecordDamaged, RecordFormatUnknown or PointDamaged. */
export async function loadPoint(reader: ObjectReader, name: PointName): Promise<LoadedPoint> {
  const { manifest, body, versionId, key } = await readManifest(reader, name);
  const manifestSha256 = sha256Hex(body);
  const head = await reader.head({ key, versionId });
  const crc = encodeCrc32(addToCrc32(body));
  if (head?.crc?.algorithm === 'CRC32' && head.crc.value !== crc)
    throw new PointDamaged(key, `its CRC32 is ${crc}, and S3 keeps ${head.crc.value}`);
  const signed = await signedDigest(reader, key);
  if (signed !== undefined && signed !== manifestSha256)
    throw new PointDamaged(key, `its SHA-256 is ${manifestSha256}, and signed was ${signed}`);

  const prefix = pointDataPrefix(name.system, name.asset, name.point);
  const stray = manifest.objects.find((object) => !object.key.startsWith(prefix));
  if (stray !== undefined) throw new PointDamaged(key, `it names the object ${stray.key} of another point`);
  if (!manifest.objects.some(({ role }) => role === 'dump' || role === 'rest')) throw new PointDamaged(key, 'it names no dump');
  return { manifest, manifestSha256, warnings: await findWarnings(reader, key) };
}

/** What the signature says was signed, where the point has been signed. Whether the signature itself holds is not asked here. */
async function signedDigest(reader: ObjectReader, manifestKey: string): Promise<string | undefined> {
  const key = signatureKey(manifestKey);
  const record = await readRecord(reader, key);
  if (record === undefined) return undefined;
  const signed = signedSha256(record.body);
  if (signed === undefined) throw new PointDamaged(key, 'it is not a signature that Holdfast wrote');
  return signed;
}

async function findWarnings(reader: ObjectReader, key: string): Promise<string[]> {
  const warnings: string[] = [];
  const versions = (await storedVersions(reader, key)).filter((version) => version.key === key);
  if (versions.length > 1)
    warnings.push(`${key} was written ${versions.length} times; the oldest version counts. Find out who wrote the others`);
  for await (const version of reader.listVersions(key)) {
    if (version.key === key && version.isDeleteMarker)
      warnings.push(`${key} is hidden by the delete marker ${version.versionId}. Find out who set it`);
  }
  return warnings;
}
