import type { ObjectReader } from '../ports/object-store.ts';
import type { Fact } from '../vault/facts.ts';
import { isSlot } from '../vault/ids.ts';
import { catalogPrefix, signatureKey } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';

export type Version = { key: string; versionId: string };

/** A point as a listing of its catalog shows it. Of every record the oldest version counts, and a hidden one is there all the same. */
export type CatalogPoint = {
  point: string;
  manifestVersionId: string;
  signatureVersionId: string | undefined;
  isHidden: boolean;
  kinds: ReadonlySet<Fact['kind']>;
  /** Facts that are read before the point may go. */
  facts: readonly Version[];
  /** By their names, which do not say whether they are what they are called. */
  tombstones: readonly Version[];
};

/** Most points have one of a few sets of kinds: each set is kept once. */
const shared = new Map<number, ReadonlySet<Fact['kind']>>();
const KINDS = ['verified', 'locked', 'replicated', 'drilled', 'tombstone', 'held', 'released'] as const satisfies readonly Fact['kind'][];
const MANIFEST = 'manifest.json';
const SIGNATURE = signatureKey(MANIFEST);

type Found = {
  manifestVersionId?: string;
  signatureVersionId?: string;
  isHidden: boolean;
  bits: number;
  facts: Version[];
  tombstones: Version[];
};

/** Every point of an asset that has a manifest, by one listing, in key order. What is gone but for its tombstone is no point. */
export async function listCatalog(reader: ObjectReader, system: string, asset: string): Promise<CatalogPoint[]> {
  const prefix = catalogPrefix(system, asset);
  const found = new Map<string, Found>();
  // A page has the versions first and the delete markers then: a point is complete only when the listing is.
  for await (const { key, versionId, isLatest, isDeleteMarker } of reader.listVersions(prefix)) {
    const slash = key.indexOf('/', prefix.length);
    const [point, file] = [key.slice(prefix.length, slash), key.slice(slash + 1)];
    if (slash === -1 || !isSlot(point)) continue;
    let one = found.get(point);
    if (!one) found.set(point, (one = { isHidden: false, bits: 0, facts: [], tombstones: [] }));
    if (file === MANIFEST) {
      if (!isDeleteMarker) one.manifestVersionId = versionId;
      else if (isLatest) one.isHidden = true;
    } else if (file === SIGNATURE) {
      if (!isDeleteMarker) one.signatureVersionId = versionId;
    } else if (!isDeleteMarker) addFact(one, file, { key, versionId });
  }
  return [...found].flatMap(([point, { manifestVersionId, signatureVersionId, isHidden, bits, facts, tombstones }]) =>
    manifestVersionId === undefined
      ? []
      : [{ point, manifestVersionId, signatureVersionId, isHidden, kinds: kindsOf(bits), facts, tombstones }],
  );
}

function addFact(found: Found, file: string, version: Version) {
  const kind = factKind(file);
  if (kind === undefined) return;
  found.bits |= 1 << KINDS.indexOf(kind);
  if (kind === 'verified') return;
  const versions = kind === 'tombstone' ? found.tombstones : found.facts;
  // S3 lists the versions of a key newest first.
  if (versions.at(-1)?.key === version.key) versions.pop();
  versions.push(version);
}

function kindsOf(bits: number): ReadonlySet<Fact['kind']> {
  let kinds = shared.get(bits);
  if (!kinds) shared.set(bits, (kinds = new Set(KINDS.filter((_, index) => bits & (1 << index)))));
  return kinds;
}
