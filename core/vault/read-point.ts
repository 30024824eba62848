/**
 * Points as a vault or its replica holds them. Of every record the oldest version counts, whatever was put over it later, and one
 * that a delete marker hides is there all the same.
 */
import { createHash } from 'node:crypto';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { Fact, FACT_FORMAT } from './facts.ts';
import { isSlot } from './ids.ts';
import { catalogPrefix, manifestKey, pointPrefix, signatureKey } from './keys.ts';
import { Manifest, MANIFEST_FORMATS } from './manifest.ts';
import { PointRecordDamaged, unreadableRecord } from './record-errors.ts';
import { parseJson } from '../parse-json.ts';
import { mapSeveralAtOnce } from '../several-at-once.ts';
import { signedSha256 } from './signed-manifest.ts';
import { findFalseTombstone } from './tombstone.ts';

const READS_AT_ONCE = 16;
const MANIFEST = 'manifest.json';
const SIGNATURE = signatureKey(MANIFEST);
const FACT_KINDS = [
  'verified',
  'locked',
  'replicated',
  'drilled',
  'tombstone',
  'held',
  'released',
] as const satisfies readonly Fact['kind'][];

/**
 * What a listing alone tells of a point: which kinds of facts it has, not what they say; whether a delete marker hides its manifest;
 * whether somebody wrote over the manifest, which is an alarm; and whether the manifest has a signature, good or not.
 */
export type ListedPoint = {
  point: string;
  kinds: ReadonlySet<Fact['kind']>;
  isHidden: boolean;
  isOverwritten: boolean;
  isSigned: boolean;
};

export type PointRecords = { manifest: Manifest; manifestSha256: string; manifestVersionId: string; facts: Fact[] };

/** What a listing tells of the points of an asset. `gone`: something of them is there, and no manifest. Both newest first. */
export type Catalog = { points: ListedPoint[]; gone: { point: string; hasTombstone: boolean }[] };

/** Every point of an asset, newest first. */
export const listPoints = async (reader: ObjectReader, system: string, asset: string): Promise<ListedPoint[]> =>
  (await listAsset(reader, system, asset)).points;

/** A tombstone beside a manifest, of which there are few, is read: a point has expired when it is this point's own. */
export async function listAsset(reader: ObjectReader, system: string, asset: string): Promise<Catalog> {
  const { going, ...catalog } = await listBelow(reader, catalogPrefix(system, asset), catalogPrefix(system, asset));
  const doubtful = await mapSeveralAtOnce(going, READS_AT_ONCE, async ({ point, manifest, tombstones }) =>
    (await findFalseTombstone(reader, { system, asset, point }, manifest, tombstones)) === undefined ? [] : [point],
  );
  const isDoubtful = new Set(doubtful.flat());
  const points = catalog.points.map((one) =>
    isDoubtful.has(one.point) ? { ...one, kinds: new Set([...one.kinds].filter((kind) => kind !== 'tombstone')) } : one,
  );
  return { ...catalog, points };
}

/** One point, by a listing of its own folder alone, and by the names in it. Undefined when there is no such point. */
export const findPoint = async (reader: ObjectReader, system: string, asset: string, point: string): Promise<ListedPoint | undefined> =>
  (await listBelow(reader, catalogPrefix(system, asset), pointPrefix(system, asset, point))).points[0];

/** `going`: points of which both are there. */
type Listed = Catalog & { going: { point: string; manifest: Version; tombstones: Version[] }[] };

async function listBelow(reader: ObjectReader, catalog: string, prefix: string): Promise<Listed> {
  const manifests = new Map<string, Version>();
  const tombstones = new Map<string, Map<string, Version>>();
  const kinds = new Map<string, Set<Fact['kind']>>();
  /** How many versions each manifest has. */
  const committed = new Map<string, number>();
  const hidden = new Set<string>();
  const signed = new Set<string>();
  const folders = new Set<string>();
  for await (const version of reader.listVersions(prefix)) {
    const [point = '', file = ''] = version.key.slice(catalog.length).split('/');
    if (!isSlot(point)) continue;
    if (version.isDeleteMarker) {
      if (version.isLatest && file === MANIFEST) hidden.add(point);
      continue;
    }
    folders.add(point);
    if (file === MANIFEST) {
      committed.set(point, (committed.get(point) ?? 0) + 1);
      // S3 lists the versions of a key newest first.
      manifests.set(point, version);
    }
    if (file === SIGNATURE) signed.add(point);
    const kind = factKind(file);
    if (kind) kinds.set(point, (kinds.get(point) ?? new Set()).add(kind));
    if (kind === 'tombstone') tombstones.set(point, (tombstones.get(point) ?? new Map()).set(version.key, version));
  }
  const newestFirst = [...folders].sort().toReversed();
  const points = newestFirst
    .filter((point) => committed.has(point))
    .map((point) => ({
      point,
      kinds: kinds.get(point) ?? new Set(),
      isHidden: hidden.has(point),
      isOverwritten: (committed.get(point) ?? 0) > 1,
      isSigned: signed.has(point),
    }));
  const gone = newestFirst
    .filter((point) => !committed.has(point))
    .map((point) => ({ point, hasTombstone: kinds.get(point)?.has('tombstone') === true }));
  const going = [...tombstones].flatMap(([point, versions]) => {
    const manifest = manifests.get(point);
    return manifest ? [{ point, manifest, tombstones: [...versions.values()] }] : [];
  });
  return { points, gone, going };
}

/** Undefined when there is no such point. Throws PointRecordDamaged or RecordFormatUnknown when its manifest or a fact cannot be read. */
export async function readPoint(reader: ObjectReader, system: string, asset: string, point: string): Promise<PointRecords | undefined> {
  const oldest = new Map<string, ListedVersion>();
  // S3 lists the versions of a key newest first.
  for await (const version of reader.listVersions(pointPrefix(system, asset, point)))
    if (!version.isDeleteMarker) oldest.set(version.key, version);
  const key = manifestKey(system, asset, point);
  const committed = oldest.get(key);
  if (!committed) return undefined;
  const signature = oldest.get(signatureKey(key));
  const { manifest, manifestSha256 } = await readManifestVersion(reader, { system, asset, point }, committed, signature);
  const records = [...oldest.values()].filter((version) => factKind(version.key.split('/').at(-1) ?? ''));
  const facts = await Promise.all(records.map((version) => readFact(reader, version)));
  return { manifest, manifestSha256, manifestVersionId: committed.versionId, facts };
}

type Version = { key: string; versionId: string };

/**
 * Throws PointRecordDamaged or RecordFormatUnknown when it cannot be read, is another point's, or is not what was signed.
 * @param signature the version that counts; undefined for a point that is not signed yet
 */
export async function readManifestVersion(
  reader: ObjectReader,
  { system, asset, point }: { system: string; asset: string; point: string },
  version: Version,
  signature: Version | undefined,
): Promise<Pick<PointRecords, 'manifest' | 'manifestSha256'>> {
  const body = await readBytes(reader, version);
  const record = parseJson(body);
  const manifest = Manifest.safeParse(record);
  const where = `s3://${reader.bucket}/${version.key}`;
  if (!manifest.success) throw unreadableRecord(where, record, MANIFEST_FORMATS, manifest.error);
  const { data } = manifest;
  if (data.system !== system || data.asset !== asset || data.point !== point)
    throw new PointRecordDamaged(where, { cause: new Error('it names another point') });
  const manifestSha256 = createHash('sha256').update(body).digest('hex');
  if (signature && signedSha256(await readBytes(reader, signature)) !== manifestSha256)
    throw new PointRecordDamaged(where, { cause: new Error('its signature is of other bytes') });
  return { manifest: data, manifestSha256 };
}

/** By the name alone; undefined for anything but a fact. */
export const factKind = (file: string): Fact['kind'] | undefined =>
  file.endsWith('.dsse.json') ? undefined : FACT_KINDS.find((kind) => file.startsWith(`${kind}-`));

/** Throws PointRecordDamaged or RecordFormatUnknown. */
export async function readFact(reader: ObjectReader, version: Version): Promise<Fact> {
  const record = parseJson(await readBytes(reader, version));
  const fact = Fact.safeParse(record);
  if (!fact.success) throw unreadableRecord(`s3://${reader.bucket}/${version.key}`, record, FACT_FORMAT, fact.error);
  return fact.data;
}

async function readBytes(reader: ObjectReader, { key, versionId }: Version): Promise<Uint8Array> {
  const found = await reader.get({ key, versionId });
  if (!found) throw new PointRecordDamaged(`s3://${reader.bucket}/${key}`, { cause: new Error('it was listed and cannot be read') });
  return found.body;
}
