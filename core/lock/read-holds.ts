/** What is held, and what released it. A hold is put on by whoever writes it down, and taken off by what is signed alone. */
import { findMismatch, openEnvelope } from '../evidence/envelope.ts';
import { readKeptKeys } from '../evidence/kept-keys.ts';
import type { PublicKey } from '../evidence/public-key.ts';
import { parseJson } from '../parse-json.ts';
import type { ObjectReader } from '../ports/object-store.ts';
import { activeHolds } from '../retention/holds.ts';
import type { HeldFact, ReleasedFact } from '../vault/facts.ts';
import { pointPrefix, signatureKey } from '../vault/keys.ts';
import { factKind, readFact } from '../vault/read-point.ts';

type PointName = { system: string; asset: string; point: string };
type Version = { key: string; versionId: string };
/** `counts`: a hold always, and a release when a signature on it holds. */
export type HoldFact = { key: string; versionId: string; isSigned: boolean; counts: boolean; fact: HeldFact | ReleasedFact };

/**
 * The facts of a point that put holds on it and release them. Nothing else of it is read: a point of which a record is damaged is
 * one that somebody may want to hold. Throws PointRecordDamaged when one of these is.
 */
export async function readHoldFacts(reader: ObjectReader, of: PointName): Promise<HoldFact[]> {
  const versions: Version[] = [];
  for await (const version of reader.listVersions(pointPrefix(of.system, of.asset, of.point)))
    if (!version.isDeleteMarker) versions.push(version);
  return readListedHolds(reader, of.system, versions);
}

/** As `readHoldFacts`, of a folder that was listed before: of one moment, and not of two. */
export async function readListedHolds(reader: ObjectReader, system: string, versions: readonly Version[]): Promise<HoldFact[]> {
  // S3 lists the versions of a key newest first, and of a record the oldest counts.
  const oldest = new Map(versions.map((version) => [version.key, version]));
  const found: HoldFact[] = [];
  let keys: PublicKey[] | undefined;
  for (const { key, versionId } of oldest.values()) {
    const kind = factKind(key.slice(key.lastIndexOf('/') + 1));
    if (kind !== 'held' && kind !== 'released') continue;
    const fact = await readFact(reader, { key, versionId });
    if (fact.kind !== 'held' && fact.kind !== 'released') continue;
    const signature = oldest.get(signatureKey(key));
    const isHeld = kind === 'held' && fact.kind === 'held';
    if (!isHeld && signature) keys ??= await readKeptKeys(reader, system);
    const counts = isHeld || (signature !== undefined && (await isSignedBy(reader, keys ?? [], { key, versionId }, signature)));
    found.push({ key, versionId, isSigned: signature !== undefined, counts, fact });
  }
  return found;
}

/** Names of the holds that stand. */
export const standingHolds = (facts: readonly HoldFact[]): string[] =>
  activeHolds(facts.filter(({ counts }) => counts).map(({ fact }) => fact));

async function isSignedBy(reader: ObjectReader, keys: readonly PublicKey[], record: Version, signature: Version) {
  const [body, envelope] = await Promise.all([reader.get(record), reader.get(signature)]);
  if (!body || !envelope) return false;
  const opened = openEnvelope(
    parseJson(envelope.body),
    keys.map(({ key }) => key),
  );
  return opened.isSigned && findMismatch(opened.statement, record.key, body.body) === undefined;
}
