/** The records of one asset, walked by listing: nothing of the vault is held but the names of the points that are looked at whole. */
import { decidePointState } from '../backup/decide-admission.ts';
import type { Fact } from '../vault/facts.ts';
import { isSlot } from '../vault/ids.ts';
import type { ListedVersion } from '../ports/object-store.ts';
import { assetRunsPrefix, catalogPrefix, chainPrefix, isSignatureKey, signatureKey } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';
import { compareChain } from './compare-chain.ts';
import type { Finding } from './findings.ts';
import type { PlaceToAudit } from './look-at-point.ts';
import { NEWEST_WHOLE, residueOf } from './sample.ts';
import { byKey, findTraces } from './traces.ts';

const MANIFEST = 'manifest.json';
const SIGNATURE = signatureKey(MANIFEST);
/** No run is longer than a day: until then a point may still be made. */
const LONGEST_RUN_MILLISECONDS = 86_400_000;

type Version = { key: string; versionId: string };
/** `manifest`: the version that counts. */
export type ChosenPoint = { point: string; isFinished: boolean; manifest: Version };
type Folder = {
  point: string;
  since: Date;
  committedAt?: Date;
  manifest?: Version;
  signedAt?: Date;
  kinds: Set<Fact['kind']>;
  isSigned: boolean;
};

/** @param onFinding undefined when a walk before has told what listing and chain tell: then the chain is not read again */
export async function walkAsset(
  place: Pick<PlaceToAudit, 'reader' | 'system' | 'side' | 'now'>,
  asset: string,
  residues: ReadonlySet<number>,
  onFinding: ((finding: Finding) => void) | undefined,
): Promise<{ chosen: ChosenPoint[]; points: number; listed: number }> {
  const { reader, system, now } = place;
  let [points, listed] = [0, 0];
  const seen = { accounted: new Set<string>(), remains: new Map<string, Date>(), signed: new Map<string, Date>() };
  const chosen = new Map<string, ChosenPoint>();
  const newest: ChosenPoint[] = [];
  const at = now();
  /** A folder is complete when the next one begins. */
  const close = (folder: Folder | undefined) => {
    if (!folder) return;
    if (folder.committedAt === undefined && !folder.kinds.has('tombstone')) seen.remains.set(folder.point, folder.since);
    else seen.accounted.add(folder.point);
    if (folder.committedAt === undefined || !folder.manifest) return;
    if (folder.signedAt) seen.signed.set(folder.point, folder.signedAt);
    points++;
    const isFinished = decidePointState(folder) === 'recorded';
    if (!isFinished && at.getTime() - folder.committedAt.getTime() < LONGEST_RUN_MILLISECONDS) return;
    const point = { point: folder.point, isFinished, manifest: folder.manifest };
    newest.push(point);
    if (newest.length > NEWEST_WHOLE) newest.shift();
    if (residues.has(residueOf(folder.point))) chosen.set(folder.point, point);
  };

  const catalog = catalogPrefix(system, asset);
  let folder: Folder | undefined;
  for await (const versions of byKey(reader.listVersions(catalog))) {
    listed += versions.length;
    if (onFinding) findTraces(versions).forEach(onFinding);
    const [point = '', file = ''] = (versions[0]?.key ?? '').slice(catalog.length).split('/');
    if (!isSlot(point)) continue;
    const oldest = versions.findLast(({ isDeleteMarker }) => !isDeleteMarker);
    if (!oldest) continue;
    if (folder?.point !== point) {
      close(folder);
      folder = { point, since: oldest.lastModified, kinds: new Set(), isSigned: false };
    }
    if (oldest.lastModified < folder.since) folder.since = oldest.lastModified;
    if (file === MANIFEST) [folder.committedAt, folder.manifest] = [oldest.lastModified, { key: oldest.key, versionId: oldest.versionId }];
    if (file === SIGNATURE) [folder.isSigned, folder.signedAt] = [true, oldest.lastModified];
    const kind = factKind(file);
    if (kind) folder.kinds.add(kind);
  }
  close(folder);
  for (const point of newest) chosen.set(point.point, point);
  const links: ListedVersion[] = [];
  for (const prefix of [chainPrefix(system, asset), assetRunsPrefix(system, asset)])
    for await (const versions of byKey(reader.listVersions(prefix))) {
      listed += versions.length;
      if (onFinding) findTraces(versions).forEach(onFinding);
      const oldest = versions.findLast(({ isDeleteMarker }) => !isDeleteMarker);
      if (oldest && prefix === chainPrefix(system, asset) && !isSignatureKey(oldest.key)) links.push(oldest);
    }
  const manifests = new Map([...chosen.values()].map(({ point, manifest }) => [point, manifest]));
  if (onFinding) (await compareChain(place, asset, { ...seen, manifests }, links)).forEach(onFinding);
  return { chosen: [...chosen.values()].toSorted((a, b) => (a.point < b.point ? -1 : 1)), points, listed };
}
