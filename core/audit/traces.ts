/** What a listing alone tells of records: which were written twice, and which a delete marker hides. */
import type { ListedVersion } from '../ports/object-store.ts';
import { isSignatureKey, manifestKey } from '../vault/keys.ts';
import { pointOfKey } from '../vault/parse-key.ts';
import type { ObjectFinding } from './findings.ts';

/**
 * Traces on one key. Of a record the oldest version counts, and one that is hidden is there: what is named here has lost nothing, and
 * somebody tried.
 * @param versions of the key, newest first
 */
export function findTraces(versions: readonly ListedVersion[]): ObjectFinding[] {
  const findings: ObjectFinding[] = [];
  const stored = versions.filter(({ isDeleteMarker }) => !isDeleteMarker);
  const [newest] = stored;
  const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
  const key = versions[0]?.key ?? '';
  const owner = ownerOfManifest(key);
  if (newest && stored.length > 1) {
    const { versionId } = newest;
    const found = { key, versionId, versions: stored.length };
    findings.push(owner ? { kind: 'manifest-overwritten', ...owner, ...found } : { kind: 'overwritten', ...found });
  }
  if (marker) {
    const { versionId } = marker;
    // Of what was written over a marker nothing is hidden any more, and it is told as any other.
    const hides = owner !== undefined && stored.length > 0 && marker.isLatest;
    findings.push(hides ? { kind: 'point-hidden', ...owner, key, versionId } : { kind: 'hidden', key, versionId });
  }
  return findings;
}

function ownerOfManifest(key: string): { asset: string; point: string } | undefined {
  const found = isSignatureKey(key) ? undefined : pointOfKey(key);
  if (!found || key !== manifestKey(found.system, found.asset, found.point)) return undefined;
  return { asset: found.asset, point: found.point };
}

/** Versions of one key at a time, of a listing that has those of a key together. */
export async function* byKey(listing: AsyncIterable<ListedVersion>): AsyncGenerator<ListedVersion[]> {
  let together: ListedVersion[] = [];
  for await (const version of listing) {
    if (together.length > 0 && together[0]?.key !== version.key) {
      yield together;
      together = [];
    }
    together.push(version);
  }
  if (together.length > 0) yield together;
}
