/** The whole check of a vault: evidence first, then every chain, then every point of every asset. Nothing is written. */
import { mapSeveralAtOnce, severalAtOnce } from '../../several-at-once.ts';
import { AccessRefused } from '../../ports/object-errors.ts';
import { checkEvidence, type CheckedEvidence } from './check-evidence.ts';
import { checkChain, type CheckedChain } from './check-chain.ts';
import { checkPoint, reportMissingPoint } from './check-point.ts';
import { NOBODY_VOUCHES, type CheckContext } from './context.ts';
import { remembering, reportGaps } from './copy-gaps.ts';
import type { Findings, Verdict } from './findings.ts';
import { joinPoints, type FoundPoint } from './join-points.ts';
import { openCheck, type CheckRequest } from './open-check.ts';
import { readLinks } from './read-links.ts';
import { chainKey, chainPrefix, manifestKey } from '../../vault/keys.ts';

/** The end of a chain, as it was found: who keeps it can tell later whether the chain was cut or written anew. */
export type ChainHead = { asset: string; link: number; sha256: string };

export type VerifyRequest = CheckRequest & {
  /** The only asset to check; all when undefined. */
  asset: string | undefined;
  /** Assets that there are besides those that the copy shows: hidden ones have no folder. */
  known: readonly string[];
  /** Whether every byte of every object is read. */
  readsBytes: boolean;
  /** Heads of an earlier check. */
  earlier: readonly ChainHead[];
};

export type CheckedAsset = { asset: string; points: number; expired: number; objects: number; links: number; head: ChainHead | undefined };
export type VerifyAnswer = Findings & {
  verdict: Verdict;
  assets: CheckedAsset[];
  evidence: number;
  signatures: number;
  /** Records of the first release, which did not sign them. */
  unsignedByDesign: number;
};

/** Points that are checked at once: each is a few small reads. */
const POINTS_AT_ONCE = 8;
const CHAINS_AT_ONCE = 4;

export async function verifyVault(request: VerifyRequest): Promise<VerifyAnswer> {
  const { copy, unreadable } = remembering(request.copy);
  const { context, findings, done, close } = await openCheck({ ...request, copy });
  const { report } = context;
  const evidence = await checkEvidence(context);
  const names = request.asset === undefined ? await assetsOf(context, [...request.known, ...evidence.assets]) : [request.asset];
  const chains = new Map(
    await mapSeveralAtOnce(names, CHAINS_AT_ONCE, async (asset): Promise<[string, CheckedChain]> => {
      const of = { system: request.system, asset };
      return [asset, checkChain(of, await readLinks(context, of), report)];
    }),
  );
  for (const chain of chains.values()) reportUnvouchedLinks(context, chain);
  reportLaterChains(context, chains, request.earlier);
  const hasData = await canSeeData(context, findings);
  const assets: CheckedAsset[] = [];
  for (const [asset, chain] of chains) {
    request.onProgress({ ...done, asset });
    const checked = await checkAsset(context, { ...request, asset, chain, evidence, hasData }, () => {
      done.points++;
      request.onProgress({ ...done, asset });
    });
    assets.push(checked);
  }
  reportGaps(copy, request, unreadable, findings.problems, report);
  return { ...close(), assets, evidence: evidence.keys.size };
}

/** Every asset that has a folder, whether or not there is a chain of it. */
async function assetsOf({ copy, system }: CheckContext, known: readonly string[]): Promise<string[]> {
  const names = new Set(known);
  for (const top of ['catalog', 'chain']) {
    const prefix = `${top}/${system}/`;
    for await (const folder of copy.reader.listFolders(prefix)) names.add(folder.slice(prefix.length, -1));
  }
  return [...names].toSorted();
}

type AssetToCheck = Pick<VerifyRequest, 'readsBytes'> & { asset: string; chain: CheckedChain; evidence: CheckedEvidence; hasData: boolean };

async function checkAsset(context: CheckContext, of: AssetToCheck, onPoint: () => void): Promise<CheckedAsset> {
  const { asset, chain, evidence } = of;
  const seen = new Set<string>();
  let [points, expired, objects] = [0, 0, 0];
  const check = async ({ point, listed, data }: FoundPoint) => {
    context.signal.throwIfAborted();
    seen.add(point);
    const drills = evidence.drills.get(`${asset}/${point}`) ?? [];
    const checked = await checkPoint(context, {
      asset,
      point,
      listed,
      link: chain.byPoint.get(point),
      named: evidence.named,
      namedByOthers: evidence.namedByOthers,
      evidence: evidence.keys,
      drills,
      data,
      readsBytes: of.readsBytes,
    });
    if (checked.isExpired) expired++;
    else points++;
    objects += checked.objects;
    onPoint();
  };
  for await (const some of inGroups(joinPoints(context, asset, of.hasData), POINTS_AT_ONCE))
    await severalAtOnce(some, POINTS_AT_ONCE, check);
  for (const [point, link] of chain.byPoint) if (!seen.has(point)) reportMissingPoint(context, { asset, point }, link);
  reportVanished(context, { asset, seen, chain, evidence });
  const sha256 = chain.hashes.get(chain.last);
  return {
    asset,
    points,
    expired,
    objects,
    links: chain.hashes.size,
    head: sha256 === undefined ? undefined : { asset, link: chain.last, sha256 },
  };
}

/** The first release signed no links, and those that followed sign all. */
function reportUnvouchedLinks(context: CheckContext, { byPoint }: CheckedChain): void {
  for (const { link, isVouched, isByOtherKey } of byPoint.values())
    if ('records' in link && !isVouched && !isByOtherKey)
      context.reportUnlessYoung('signature-missing', chainKey(link.system, link.asset, link.link), link.point, NOBODY_VOUCHES);
}

/** Points of which nothing is left, not even a link, and which signed evidence says were restored. */
function reportVanished(
  context: CheckContext,
  of: { asset: string; seen: ReadonlySet<string>; chain: CheckedChain; evidence: CheckedEvidence },
) {
  const drilled = [...of.evidence.drills.values()].flat().map(({ asset, point = '', run }) => ({ asset, point, by: `the drill ${run}` }));
  const restored = of.evidence.restored.map(({ asset, point, key }) => ({ asset, point, by: key }));
  for (const { asset, point, by } of [...drilled, ...restored])
    if (asset === of.asset && !of.seen.has(point) && !of.chain.byPoint.has(point))
      context.report(
        'point-missing',
        manifestKey(context.system, asset, point),
        `signed evidence says that it was restored (${by}), and nothing of it is there`,
      );
}

function reportLaterChains(context: CheckContext, chains: ReadonlyMap<string, CheckedChain>, earlier: readonly ChainHead[]): void {
  for (const { asset, link, sha256 } of earlier) {
    const chain = chains.get(asset);
    if (!chain) continue;
    const found = chain.hashes.get(link);
    const key = chainPrefix(context.system, asset);
    if (found === undefined)
      context.report('chain-shortened', key, `an earlier check found ${link} links of ${asset}, and link ${link} is not there`);
    else if (found !== sha256)
      context.report('chain-rewritten', key, `link ${link} of ${asset} is not the one that an earlier check found`);
  }
}

async function canSeeData({ copy, system }: CheckContext, { notes }: Findings): Promise<boolean> {
  const prefix = `data/${system}/`;
  try {
    for await (const _ of copy.reader.listFolders(prefix)) return true;
    for await (const _ of copy.reader.listVersions(prefix)) return true;
    notes.push(`Objects of points were not looked at: there is nothing below ${prefix} in ${copy.where}`);
  } catch (error) {
    if (!(error instanceof AccessRefused)) throw error;
    notes.push(`Objects of points were not looked at: listing ${prefix} was refused`);
  }
  return false;
}

async function* inGroups<T>(things: AsyncIterable<T>, count: number): AsyncIterable<T[]> {
  let group: T[] = [];
  for await (const thing of things) {
    group.push(thing);
    if (group.length < count) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
