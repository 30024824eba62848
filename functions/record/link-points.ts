import { oldestVersion, readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { Link, LINK_FORMATS, nextLink, sha256Of } from '../../core/record/link.ts';
import { selectCandidates, selectLinksToRead, selectUnlinked } from '../../core/record/select-unlinked.ts';
import { ObjectExists, ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { isSlot } from '../../core/vault/ids.ts';
import { catalogPrefix, chainKey, chainPrefix, isSignatureKey, manifestKey } from '../../core/vault/keys.ts';
import { unreadableRecord } from '../../core/vault/record-errors.ts';
import { parseJson } from '../../core/parse-json.ts';
import { readFacts } from './read-facts.ts';

type Vault = ObjectReader & ObjectWriter;
type OwnPoint = { system: string; asset: string; point: string };

/** `others`: links that were made besides, of points whose runs died before they could. */
export type Linked = { own: Link; others: Link[] };

/**
 * Links every committed point that has no link yet, one link after the other, with the facts that are there. Whoever is slower at a
 * link reads the chain again, so that no point is linked twice.
 */
export async function linkPoints(vault: Vault, own: OwnPoint): Promise<Linked> {
  const { system, asset } = own;
  const candidates = selectCandidates(await committedPoints(vault, own), own.point);
  const others: Link[] = [];
  for (;;) {
    const chain = await readChain(vault, own, candidates);
    const point = selectUnlinked(candidates, new Set(chain.linked.keys()))[0];
    if (point === undefined) return { own: chain.linked.get(own.point) ?? missing(vault, manifestKey(system, asset, own.point)), others };
    const manifest = await readRecord(vault, manifestKey(system, asset, point));
    if (!manifest) return missing(vault, manifestKey(system, asset, point));
    const records = await readFacts(vault, { system, asset, point });
    const link = nextLink(chain.last, { system, asset, point, manifestSha256: sha256Of(manifest.body), records });
    try {
      await vault.putOnce(chainKey(system, asset, link.link), JSON.stringify(link));
      if (point !== own.point) others.push(link);
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error;
    }
  }
}

function missing(vault: Vault, key: string): never {
  throw new ObjectMissing(`The point s3://${vault.bucket}/${key}`);
}

async function committedPoints(vault: ObjectReader, { system, asset, point: own }: OwnPoint): Promise<string[]> {
  const prefix = catalogPrefix(system, asset);
  const points: string[] = [];
  for await (const folder of vault.listFolders(prefix)) points.push(folder.slice(prefix.length, -1));
  const candidates = selectCandidates(
    points.filter((point) => isSlot(point)),
    own,
  );
  const manifests = await Promise.all(candidates.map((point) => oldestVersion(vault, manifestKey(system, asset, point))));
  return candidates.filter((_, index) => manifests[index] !== undefined);
}

type Chain = { linked: Map<string, Link>; last: { link: number; body: Uint8Array } | undefined };

async function readChain(vault: ObjectReader, { system, asset }: OwnPoint, candidates: readonly string[]): Promise<Chain> {
  const stored = await storedVersions(vault, chainPrefix(system, asset));
  const listed = oldestOfEachKey(stored.filter(({ key }) => !isSignatureKey(key)));
  const toRead = new Set([...selectLinksToRead(listed, candidates), ...listed.slice(-1)]);
  const links = await Promise.all([...toRead].map((version) => readLink(vault, version)));
  return {
    linked: new Map(links.map(({ link }) => [link.point, link])),
    last: links
      .map(({ link, body }) => ({ link: link.link, body }))
      .sort((a, b) => a.link - b.link)
      .at(-1),
  };
}

async function readLink(vault: ObjectReader, version: ListedVersion): Promise<{ link: Link; body: Uint8Array }> {
  const found = await vault.get(version);
  const record = found && parseJson(found.body);
  const link = Link.safeParse(record);
  if (!found || !link.success || chainKey(link.data.system, link.data.asset, link.data.link) !== version.key)
    throw unreadableRecord(`s3://${vault.bucket}/${version.key}`, record, LINK_FORMATS, link.error);
  return { link: link.data, body: found.body };
}

/** In key order: link numbers are padded. */
const oldestOfEachKey = (versions: readonly ListedVersion[]): ListedVersion[] =>
  [...new Map(versions.map((version) => [version.key, version])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
