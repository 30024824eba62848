import type { ObjectReader } from '../ports/object-store.ts';
import type { HeldFact, ReleasedFact } from '../vault/facts.ts';
import { pointPrefix, signatureKey } from '../vault/keys.ts';
import { factKind, readFact } from '../vault/read-point.ts';

type PointName = { system: string; asset: string; point: string };
export type HoldFact = { key: string; versionId: string; isSigned: boolean; fact: HeldFact | ReleasedFact };

/**
 * The facts of a point that put holds on it and release them. Nothing else of it is read: a point of which a record is damaged is
 * one that somebody may want to hold. Throws PointRecordDamaged when one of these is.
 */
export async function readHoldFacts(reader: ObjectReader, { system, asset, point }: PointName): Promise<HoldFact[]> {
  const oldest = new Map<string, { key: string; versionId: string }>();
  // S3 lists the versions of a key newest first, and of a record the oldest counts.
  for await (const version of reader.listVersions(pointPrefix(system, asset, point)))
    if (!version.isDeleteMarker) oldest.set(version.key, version);
  const found: HoldFact[] = [];
  for (const { key, versionId } of oldest.values()) {
    const kind = factKind(key.slice(key.lastIndexOf('/') + 1));
    if (kind !== 'held' && kind !== 'released') continue;
    const fact = await readFact(reader, { key, versionId });
    if (fact.kind === 'held' || fact.kind === 'released') found.push({ key, versionId, isSigned: oldest.has(signatureKey(key)), fact });
  }
  return found;
}
