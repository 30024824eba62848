/** What a listing of an escrow bucket tells against its objects. Each is written once: whoever leaves a second version or a marker meddled. Pure. */
import type { ListedVersion } from '../ports/object-store.ts';

/** `versionId`: of the marker, or of the newest version; `versions`: how many there are. */
export type Stray = { mark: 'hidden' | 'overwritten'; key: string; versionId: string; versions: number };

/** @param listing every version and delete marker below a prefix, in any order of keys, those of one key newest first */
export function findStrays(listing: readonly ListedVersion[]): Stray[] {
  const byKey = new Map<string, ListedVersion[]>();
  for (const version of listing) byKey.set(version.key, [...(byKey.get(version.key) ?? []), version]);
  return [...byKey.values()].flatMap(straysOf);
}

/** @param versions of one key, newest first */
export function straysOf(versions: readonly ListedVersion[]): Stray[] {
  const stored = versions.filter(({ isDeleteMarker }) => !isDeleteMarker);
  const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
  const found: Stray[] = [];
  const [newest] = stored;
  if (newest && stored.length > 1)
    found.push({ mark: 'overwritten', key: newest.key, versionId: newest.versionId, versions: stored.length });
  if (marker) found.push({ mark: 'hidden', key: marker.key, versionId: marker.versionId, versions: stored.length });
  return found;
}

/** Sentences without their stop. */
export function explainStray(
  { mark, key, versionId, versions }: Stray,
  bucket: string,
  region: string,
): { what: string; fix: string; command: string } {
  const object = `s3://${bucket}/${key}`;
  const what =
    mark === 'overwritten'
      ? `${object} is written once, and has ${versions} versions, the newest ${versionId}. The oldest counts, so that nothing is lost`
      : versions === 0
        ? `A delete marker (version ${versionId}) stands on ${object}, and there is no version of it`
        : `A delete marker (version ${versionId}) hides ${object}. It is still read, so that nothing is lost`;
  return {
    what,
    fix: 'find out who wrote it, in the trail of data events: the policy of the bucket should have refused that',
    command: `aws s3api list-object-versions --region ${region} --bucket ${bucket} --prefix ${key}`,
  };
}
