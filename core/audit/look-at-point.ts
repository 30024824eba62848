/** One point, whole: every version that it is made of, asked of S3 one by one, and what is in its folders beside it. */
import { activeHolds } from '../retention/holds.ts';
import { placeObjects } from '../restore/place-objects.ts';
import type { LockTerm } from '../lock/lock-terms.ts';
import type { WantedLock } from '../lock/select-locks.ts';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { mapSeveralAtOnce } from '../several-at-once.ts';
import { pointDataPrefix, pointPrefix, runsPrefix } from '../vault/keys.ts';
import { readPoint, type PointRecords } from '../vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../vault/record-errors.ts';
import type { VaultSide } from '../vault/side.ts';
import { expectedLock } from './expected-lock.ts';
import type { ObjectFinding } from './findings.ts';
import { judgeVersions } from './judge-versions.ts';
import { byKey, findTraces } from './traces.ts';

/** S3 takes thousands of heads a second. */
const HEADS_AT_ONCE = 32;
/** What was written just now is locked by a later step of the run that wrote it. */
const YOUNG_MILLISECONDS = 3_600_000;

export type PlaceToAudit = {
  reader: ObjectReader;
  system: string;
  side: VaultSide;
  /** ARN of the key that everything is encrypted under; empty when it is not known. */
  vaultKeyArn: string;
  now: () => Date;
};
/** `due`: the lock that retention has come to put on it, past that of its commit. */
export type WalkedPoint = { asset: string; term: LockTerm; point: string; isFinished: boolean; due: WantedLock | undefined };
type Version = { key: string; versionId: string };

export async function lookAtPoint(
  place: PlaceToAudit,
  { asset, term, point, isFinished, due }: WalkedPoint,
): Promise<{ findings: ObjectFinding[]; versions: number }> {
  const { reader, system, side, vaultKeyArn } = place;
  const now = place.now();
  const records = await readRecords(place, asset, point);
  if ('unreadable' in records) return { findings: [records.unreadable], versions: 0 };
  const { manifest, facts } = records;
  const [folder, claims] = await Promise.all(
    [pointPrefix(system, asset, point), runsPrefix(system, asset, manifest.slot)].map((prefix) => oldestOfEach(reader, prefix, now)),
  );
  // What has not wholly arrived in the replica is the matter of the copy, and told there.
  const data: Version[] = placeObjects(manifest, facts, side) ?? [];
  const traces = await findDataTraces(place, asset, point, data);
  const gone = new Set(traces.missing.map(({ versionId }) => versionId));
  const versions = [...data.filter(({ versionId }) => !gone.has(versionId)), ...(folder ?? []), ...(claims ?? [])];
  const looked = await mapSeveralAtOnce(versions, HEADS_AT_ONCE, async ({ key, versionId }) => ({
    key,
    versionId,
    head: await reader.head({ key, versionId }),
  }));
  const missing = traces.missing.map(({ key, versionId }) => ({ key, versionId, head: undefined }));
  const findings = judgeVersions([...missing, ...looked], {
    asset,
    point,
    lock: expectedLock(manifest, facts, term, due, { side, now }),
    holds: activeHolds(facts),
    vaultKeyArn,
    isFinished,
  });
  return { findings: [...traces.findings, ...findings], versions: versions.length };
}

async function readRecords(
  { reader, system }: PlaceToAudit,
  asset: string,
  point: string,
): Promise<PointRecords | { unreadable: ObjectFinding }> {
  const unreadable = (key: string, why: string) => ({ unreadable: { kind: 'record-unreadable' as const, asset, point, key, why } });
  try {
    const records = await readPoint(reader, system, asset, point);
    return records ?? unreadable(pointPrefix(system, asset, point), 'it was listed, and is gone');
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown)
      return unreadable(pointPrefix(system, asset, point), error.message);
    throw error;
  }
}

/** Of each record the version that counts, but for what a run is still at. */
async function oldestOfEach(reader: ObjectReader, prefix: string, now: Date): Promise<ListedVersion[]> {
  const oldest: ListedVersion[] = [];
  for await (const versions of byKey(reader.listVersions(prefix))) {
    const first = versions.findLast(({ isDeleteMarker }) => !isDeleteMarker);
    if (first && now.getTime() - first.lastModified.getTime() >= YOUNG_MILLISECONDS) oldest.push(first);
  }
  return oldest;
}

/** Second versions and delete markers of a point's own data, and versions of it that are not there. Other attempts' bytes are nobody's. */
async function findDataTraces({ reader, system }: PlaceToAudit, asset: string, point: string, data: readonly Version[]) {
  const findings: ObjectFinding[] = [];
  const wanted = new Map(data.map((version) => [version.versionId, version]));
  const own = new Set(data.map(({ key }) => key));
  for await (const versions of byKey(reader.listVersions(pointDataPrefix(system, asset, point)))) {
    if (!own.has(versions[0]?.key ?? '')) continue;
    findings.push(...findTraces(versions));
    for (const { versionId } of versions) wanted.delete(versionId);
  }
  return { findings, missing: [...wanted.values()] };
}
