/** The whole check of a vault: evidence first, then every chain, then every point of every asset. Nothing is written. */
import { mapSeveralAtOnce, severalAtOnce } from '../../several-at-once.ts';
import { AccessRefused } from '../../ports/object-errors.ts';
import { readKeptKeys } from '../kept-keys.ts';
import type { PublicKey } from '../public-key.ts';
import { checkEvidence, type CheckedEvidence } from './check-evidence.ts';
import { checkChain, type CheckedChain } from './check-chain.ts';
import { checkPoint, reportMissingPoint } from './check-point.ts';
import { isYoungAt, NOBODY_VOUCHES, type CheckContext } from './context.ts';
import { remembering, reportGaps } from './copy-gaps.ts';
import { decideVerdict, type Findings, type Verdict } from './findings.ts';
import { joinPoints, type FoundPoint } from './join-points.ts';
import { readLinks } from './read-links.ts';
import { signatureChecker } from './signatures.ts';
import type { VaultCopy } from './vault-copy.ts';
import { chainKey, chainPrefix, manifestKey, publicKeyKey } from '../../vault/keys.ts';
import { plural } from '../../quantities.ts';

/** The end of a chain, as it was found: who keeps it can tell later whether the chain was cut or written anew. */
export type ChainHead = { asset: string; link: number; sha256: string };

export type VerifyRequest = {
  copy: VaultCopy;
  system: string;
  publicKeys: readonly PublicKey[];
  /** The only asset to check; all when undefined. */
  asset: string | undefined;
  /** Assets that there are besides those that the copy shows: hidden ones have no folder. */
  known: readonly string[];
  /** Whether every byte of every object is read. */
  readsBytes: boolean;
  /** Heads of an earlier check. */
  earlier: readonly ChainHead[];
  now: Date;
  onProgress(progress: { points: number; records: number; bytes: number; asset?: string }): void;
  signal: AbortSignal;
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
  const findings: Findings = { problems: [], notes: [] };
  const done = { points: 0, records: 0, bytes: 0 };
  const report: CheckContext['report'] = (kind, key, text) => void findings.problems.push({ kind, key, text });
  let unsignedByDesign = 0;
  const open = new Set<string>();
  const { copy, unreadable } = remembering(request.copy);
  const context: CheckContext = {
    copy,
    system: request.system,
    signatures: signatureChecker(request.publicKeys, await readKeptKeys(copy.reader, request.system), report),
    report,
    reportUnlessYoung(kind, key, id, text) {
      if (isYoungAt(id, request.now)) open.add(key);
      else report(kind, key, text);
    },
    isYoung: (id) => isYoungAt(id, request.now),
    countUnsigned: () => void unsignedByDesign++,
    onRecord(bytes) {
      done.records++;
      done.bytes += bytes;
      request.onProgress(done);
    },
    signal: request.signal,
  };
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
  context.signatures.reportKeyIds();
  tellOtherKeys(context, findings.notes);
  reportGaps(copy, request, unreadable, findings.problems, report);
  if (unsignedByDesign > 0)
    findings.notes.push(
      `${plural(unsignedByDesign, 'record was', 'records were')} written by the first release, which signed none of their kind: only their form was checked, and what signed evidence repeats of them`,
    );
  if (open.size > 0) {
    const [first = ''] = [...open].toSorted();
    findings.notes.push(
      `Nothing vouches yet for ${plural(open.size, 'record that is', 'records that are')} younger than a day: their runs may be at it. Check again tomorrow (${first}${open.size > 1 ? ', …' : ''})`,
    );
  }
  const problems = findings.problems.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const { notes } = findings;
  const signatures = context.signatures.count();
  return { verdict: decideVerdict(problems), problems, notes, assets, evidence: evidence.keys.size, signatures, unsignedByDesign };
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

/** Once for each key, and not for each record: what else is wrong must be seen beside it. */
function tellOtherKeys({ system, signatures, report }: CheckContext, notes: string[]): void {
  for (const { sha256, count } of signatures.otherKeys()) {
    const key = publicKeyKey(system, sha256);
    if (count === 0) notes.push(`The vault holds a public key that was not given, and nothing signed by it counts: ${key}`);
    else
      report(
        'key-not-given',
        key,
        `${plural(count, 'signature was', 'signatures were')} made by this key, which the vault keeps and nobody gave: they are whole, and vouch for nothing until its SHA-256 is compared with what was kept outside of AWS, and it is given (--public-key)`,
      );
  }
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
