/** The records of one asset, walked by listing: nothing of the vault is held but the names of the points that are looked at whole. */
import { decidePointState } from '../backup/decide-admission.ts';
import type { Fact } from '../vault/facts.ts';
import { SLOT_PATTERN } from '../vault/ids.ts';
import { assetRunsPrefix, catalogPrefix, chainPrefix, signatureKey } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';
import type { ObjectFinding } from './findings.ts';
import type { PlaceToAudit } from './look-at-point.ts';
import { NEWEST_WHOLE, residueOf } from './sample.ts';
import { byKey, findTraces } from './traces.ts';

const MANIFEST = 'manifest.json';
const SIGNATURE = signatureKey(MANIFEST);
/** No run is longer than a day: until then a point may still be made. */
const LONGEST_RUN_MILLISECONDS = 86_400_000;

export type ChosenPoint = { point: string; isFinished: boolean };
type Folder = { point: string; committedAt?: Date; kinds: Set<Fact['kind']>; isSigned: boolean };

export async function walkAsset(
  { reader, system, now }: Pick<PlaceToAudit, 'reader' | 'system' | 'now'>,
  asset: string,
  residues: ReadonlySet<number>,
  onFinding: (finding: ObjectFinding) => void,
): Promise<{ chosen: ChosenPoint[]; points: number; listed: number }> {
  let [points, listed] = [0, 0];
  const chosen = new Map<string, ChosenPoint>();
  const newest: ChosenPoint[] = [];
  const at = now();
  /** A folder is complete when the next one begins. */
  const close = (folder: Folder | undefined) => {
    if (folder?.committedAt === undefined || folder.kinds.has('tombstone')) return;
    points++;
    const isFinished = decidePointState(folder) === 'recorded';
    if (!isFinished && at.getTime() - folder.committedAt.getTime() < LONGEST_RUN_MILLISECONDS) return;
    const point = { point: folder.point, isFinished };
    newest.push(point);
    if (newest.length > NEWEST_WHOLE) newest.shift();
    if (residues.has(residueOf(folder.point))) chosen.set(folder.point, point);
  };

  const catalog = catalogPrefix(system, asset);
  let folder: Folder | undefined;
  for await (const versions of byKey(reader.listVersions(catalog))) {
    listed += versions.length;
    for (const finding of findTraces(versions)) onFinding(finding);
    const [point = '', file = ''] = (versions[0]?.key ?? '').slice(catalog.length).split('/');
    if (!SLOT_PATTERN.test(point)) continue;
    if (folder?.point !== point) {
      close(folder);
      folder = { point, kinds: new Set(), isSigned: false };
    }
    const oldest = versions.findLast(({ isDeleteMarker }) => !isDeleteMarker);
    if (!oldest) continue;
    if (file === MANIFEST) folder.committedAt = oldest.lastModified;
    if (file === SIGNATURE) folder.isSigned = true;
    const kind = factKind(file);
    if (kind) folder.kinds.add(kind);
  }
  close(folder);
  for (const prefix of [chainPrefix(system, asset), assetRunsPrefix(system, asset)])
    for await (const versions of byKey(reader.listVersions(prefix))) {
      listed += versions.length;
      for (const finding of findTraces(versions)) onFinding(finding);
    }
  for (const point of newest) chosen.set(point.point, point);
  return { chosen: [...chosen.values()].toSorted((a, b) => (a.point < b.point ? -1 : 1)), points, listed };
}
