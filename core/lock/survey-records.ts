import type { ObjectReader } from '../ports/object-store.ts';
import type { Fact } from '../vault/facts.ts';
import { isSlot } from '../vault/ids.ts';
import { catalogPrefix, isSignatureKey, manifestKey, signatureKey } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';

type Version = { key: string; versionId: string };

/** The records of a point as a listing shows them: of each the oldest version, which is the one that counts. */
export type PointRecordKeys = {
  manifest: Version;
  /** All that stand in its folder, signatures among them. */
  versions: Version[];
  /** Facts that have no signature beside them, in the order of their names, which begin with the time of their run. */
  unsigned: (Version & { kind: Fact['kind'] })[];
  kinds: ReadonlySet<Fact['kind']>;
};

/** Every point of an asset, by one listing. */
export async function surveyRecords(reader: ObjectReader, system: string, asset: string): Promise<Map<string, PointRecordKeys>> {
  const prefix = catalogPrefix(system, asset);
  const folders = new Map<string, Map<string, Version>>();
  for await (const { key, versionId, isDeleteMarker } of reader.listVersions(prefix)) {
    const [point = '', file] = key.slice(prefix.length).split('/');
    if (isDeleteMarker || file === undefined || !isSlot(point)) continue;
    // S3 lists the versions of a key newest first.
    (folders.get(point) ?? folders.set(point, new Map()).get(point))?.set(key, { key, versionId });
  }
  const found = new Map<string, PointRecordKeys>();
  for (const [point, folder] of folders) {
    const manifest = folder.get(manifestKey(system, asset, point));
    if (!manifest) continue;
    const versions = [...folder.values()];
    const facts = versions.flatMap((version) => {
      const kind = isSignatureKey(version.key) ? undefined : factKind(version.key.slice(version.key.lastIndexOf('/') + 1));
      return kind === undefined ? [] : [{ ...version, kind }];
    });
    const unsigned = facts.filter(({ key }) => !folder.has(signatureKey(key)));
    found.set(point, { manifest, versions, unsigned, kinds: new Set(facts.map(({ kind }) => kind)) });
  }
  return found;
}
