/**
 * The chain of an asset against its points, in both directions and link by link: what a link names is there or has expired, and what
 * says that it is linked has a link; and the manifests of the points that the run looks at whole are those that were linked. Every link is read in every run, so that nothing is left to a sample. That costs one small read a
 * link: $0.004 for ten thousand points, and some seconds.
 */
import type { ListedVersion } from '../ports/object-store.ts';
import { parseJson } from '../parse-json.ts';
import { Link, sha256Of } from '../record/link.ts';
import { severalAtOnce } from '../several-at-once.ts';
import { chainKey, chainPrefix } from '../vault/keys.ts';
import { factKind } from '../vault/read-point.ts';
import type { ChainFinding } from './findings.ts';
import type { PlaceToAudit } from './look-at-point.ts';

const READS_AT_ONCE = 32;

/**
 * Points were listed before links, and a point that has been linked since is not among them. Into the replica records come in any
 * order, and within a day.
 */
const YOUNG_MILLISECONDS = { vault: 3_600_000, replica: 86_400_000 };

/** What a listing says of an asset's points. */
export type SeenPoints = {
  /** That are there, hidden or not, and that have expired: what a link may name. */
  accounted: ReadonlySet<string>;
  /** Of which something is there, and neither a manifest nor a tombstone: since when. */
  remains: ReadonlyMap<string, Date>;
  /** Whose signature says that they are linked: since when. */
  signed: ReadonlyMap<string, Date>;
  /** Manifests that are held to their links, by their points: of those that the run looks at whole. */
  manifests: ReadonlyMap<string, Version>;
};
type Version = { key: string; versionId: string };

/** @param links of each the oldest version, in order */
export async function compareChain(
  { reader, system, side, now }: Pick<PlaceToAudit, 'reader' | 'system' | 'side' | 'now'>,
  asset: string,
  { accounted, remains, signed, manifests }: SeenPoints,
  links: readonly ListedVersion[],
): Promise<ChainFinding[]> {
  const isOld = (since: Date) => now().getTime() - since.getTime() >= YOUNG_MILLISECONDS[side];
  const unlinked = new Map(signed);
  const lost = new Map<string, ChainFinding>();
  const unreadable: ChainFinding[] = [];
  const differing: ChainFinding[] = [];
  for (const [point, since] of remains) if (isOld(since)) lost.set(point, { kind: 'point-lost', asset, point, wasReplicated: false });

  await severalAtOnce(links, READS_AT_ONCE, async ({ key, versionId, lastModified }) => {
    const record = await reader.get({ key, versionId });
    const parsed = Link.safeParse(record && parseJson(record.body));
    const link = parsed.success && key === chainKey(system, asset, parsed.data.link) ? parsed.data : undefined;
    if (!link) {
      unreadable.push({ kind: 'link-unreadable', asset, key, versionId });
      return;
    }
    const { point } = link;
    unlinked.delete(point);
    const manifest = manifests.get(point);
    const stored = manifest && (await reader.get(manifest));
    // One that is gone by now is told as that in the next run.
    if (manifest && stored && sha256Of(stored.body) !== link.manifestSha256)
      differing.push({ kind: 'manifest-differs', asset, point, link: link.link, ...manifest });
    if (accounted.has(point) || !isOld(lastModified)) return;
    const wasReplicated = saysReplicated(link);
    // A link comes into the replica without its point, if that was made and could not be copied.
    if (side === 'vault' || wasReplicated || lost.has(point))
      lost.set(point, { kind: 'point-lost', asset, point, link: link.link, wasReplicated });
  });

  const cut = [...unlinked].flatMap(([point, since]): ChainFinding[] => (isOld(since) ? [{ kind: 'point-unlinked', asset, point }] : []));
  const inOrder = (findings: Iterable<ChainFinding>) => [...findings].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return [
    ...inOrder(lost.values()),
    ...findGaps(
      asset,
      links.map(({ key }) => Number(key.slice(chainPrefix(system, asset).length).replace('.json', ''))),
    ),
    ...inOrder(unreadable),
    ...inOrder(differing),
    ...inOrder(cut),
  ];
}

/** Whether the point was in both vaults when it was linked. Links of version 1 do not say so: a run copied before it linked then, too. */
const saysReplicated = (link: Link) =>
  !('records' in link) || link.records.some(({ key }) => factKind(key.slice(key.lastIndexOf('/') + 1)) === 'replicated');

/** Runs of numbers that are missing before the last one. */
function findGaps(asset: string, numbers: readonly number[]): ChainFinding[] {
  const gaps: ChainFinding[] = [];
  let before = 0;
  for (const number of numbers) {
    if (number > before + 1) gaps.push({ kind: 'links-missing', asset, from: before + 1, to: number - 1 });
    before = number;
  }
  return gaps;
}
