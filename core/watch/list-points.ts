/** The points of an asset as their keys tell of them, each with the versions of its records that count. Pure. */
import type { ListedVersion } from '../ports/object-store.ts';
import type { Fact } from '../vault/facts.ts';
import { isSlot } from '../vault/ids.ts';
import { signatureKey } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';
import type { SeenPoint } from './seen.ts';

export type ListedFact = { kind: Fact['kind']; id: string; version: ListedVersion };
export type WatchedPoint = SeenPoint & {
  manifest: ListedVersion | undefined;
  signature: ListedVersion | undefined;
  facts: readonly ListedFact[];
};

const MANIFEST = 'manifest.json';

/** Newest first. */
export function pointsOfKeys(versions: Iterable<ListedVersion>, catalog: string): WatchedPoint[] {
  const files = new Map<string, ListedVersion[]>();
  for (const version of versions) {
    const [point = '', file] = version.key.slice(catalog.length).split('/');
    if (file === undefined || !isSlot(point)) continue;
    const known = files.get(point);
    if (known) known.push(version);
    else files.set(point, [version]);
  }
  return [...files].sort(([a], [b]) => (a < b ? 1 : -1)).map(([point, own]) => pointOf(point, own, `${catalog}${point}/`));
}

function pointOf(point: string, versions: readonly ListedVersion[], folder: string): WatchedPoint {
  const facts = versions.flatMap((version): ListedFact[] => {
    const file = version.key.slice(folder.length);
    const kind = factKind(file);
    return kind === undefined ? [] : [{ kind, id: file.slice(kind.length + 1, -'.json'.length), version }];
  });
  const manifest = versions.find(({ key }) => key === `${folder}${MANIFEST}`);
  const signature = versions.find(({ key }) => key === `${folder}${signatureKey(MANIFEST)}`);
  return {
    point,
    manifest,
    signature,
    facts,
    isCommitted: manifest !== undefined,
    isExpired: facts.some(({ kind }) => kind === 'tombstone'),
    isSigned: signature !== undefined,
    kinds: new Set(facts.map(({ kind }) => kind)),
  };
}
