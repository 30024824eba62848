/**
 * Points that were there and are gone, though nothing says that they expired: the chain names them, or something of them is left.
 *
 * Which point a link names stands in its bytes. A chain of years is not read for that: a listing counts its links and the points that
 * have one, and where the counts agree nothing is lost. Where they do not, the link in the middle is read, and either half is counted
 * again. What one loss costs is so many small reads as its halvings are, some 14 in a chain of 10,000. `evidence verify`
 * and the daily audit read every link, and are what an auditor goes by.
 */
import { parseJson } from '../parse-json.ts';
import type { ObjectReader } from '../ports/object-store.ts';
import { Link } from '../record/link.ts';
import { chainPrefix, isSignatureKey } from './keys.ts';
import type { Catalog } from './read-point.ts';

/** `others`: so many more links than that name no point that is there. */
export type Lost = { points: string[]; others: number };

/** Beyond this many nobody looks at each of them any more, and reading on costs. */
const MOST_NAMED = 20;

export async function findLost(reader: ObjectReader, system: string, asset: string, catalog: Catalog): Promise<Lost> {
  const left = catalog.gone.filter(({ hasTombstone }) => !hasTombstone).map(({ point }) => point);
  const links = await listLinks(reader, chainPrefix(system, asset));
  const known = new Set([...catalog.points, ...catalog.gone].map(({ point }) => point));
  // A signature is the last that is made, and so says that its point is linked. What is hidden is there.
  const linked = [...catalog.points.filter(({ isSigned, kinds }) => isSigned || kinds.has('tombstone')), ...catalog.gone]
    .map(({ point }) => point)
    .sort();
  const lost: string[] = [];
  const search = async (range: Range): Promise<void> => {
    const { from, to, after, before } = range;
    if (lost.length >= MOST_NAMED || to - from <= linked.filter((point) => point > after && point < before).length) return;
    const middle = (from + to) >> 1;
    const point = await readPoint(reader, links[middle]);
    if (point === undefined) return;
    if (!known.has(point)) lost.push(point);
    await search({ ...range, from: middle + 1, after: point });
    await search({ ...range, to: middle, before: point });
  };
  await search({ from: 0, to: links.length, after: '', before: '~' });
  const points = [...new Set([...lost, ...left])].sort().toReversed();
  return {
    points: points.slice(0, MOST_NAMED),
    others: lost.length < MOST_NAMED ? Math.max(0, points.length - MOST_NAMED) : Math.max(0, links.length - linked.length - lost.length),
  };
}

/** Links by their place in the chain, `to` not among them, and the points between which theirs should be. */
type Range = { from: number; to: number; after: string; before: string };
type Version = { key: string; versionId: string };

/** In order, of each the oldest version, whether or not a delete marker hides it. */
async function listLinks(reader: ObjectReader, prefix: string): Promise<Version[]> {
  const oldest = new Map<string, Version>();
  for await (const version of reader.listVersions(prefix))
    if (!version.isDeleteMarker && !isSignatureKey(version.key)) oldest.set(version.key, version);
  return [...oldest.values()];
}

/** Undefined when the link cannot be read as one. */
async function readPoint(reader: ObjectReader, version: Version | undefined): Promise<string | undefined> {
  const record = version && (await reader.get(version));
  const link = record && Link.safeParse(parseJson(record.body));
  return link?.success ? link.data.point : undefined;
}
