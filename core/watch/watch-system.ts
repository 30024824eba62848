/** A look at all assets of one side, with what it tells. Reads keys by listing, and few records; writes nothing. */
import { Claim } from '../backup/claim.ts';
import { HoldfastError } from '../failure/error.ts';
import { parseJson } from '../parse-json.ts';
import type { ObjectReader } from '../ports/object-store.ts';
import { mapSeveralAtOnce } from '../several-at-once.ts';
import type { ReviewDue } from '../status/decide-database.ts';
import { scheduledSlotId } from '../vault/ids.ts';
import { runsPrefix } from '../vault/keys.ts';
import type { VaultSide } from '../vault/side.ts';
import { readKeyWatch, type KeyWatchRecord } from './key-record.ts';
import { decideWatch, type Watched } from './decide-watch.ts';
import type { Finding } from './finding.ts';
import { oldestVersions } from './list-months.ts';
import { seeDatabase } from './see-database.ts';
import { seeKey } from './see-key.ts';
import type { Seen } from './seen.ts';
import type { WatchedAsset } from './watched.ts';

export type WatchPorts = {
  system: string;
  side: VaultSide;
  /** The vault and the escrow bucket of this side. */
  vault: ObjectReader;
  escrow: ObjectReader;
  /** Of whoever has the whole plan: a watcher has not, and a review is nobody's to be woken for. */
  reviewDue?: ReviewDue | undefined;
};

const ASSETS_AT_ONCE = 16;
/** Missed slots of which it is looked up who had them, the newest first, which are told: when there are more, it is the same for all of them. */
const MOST_CLAIMS_READ = 20;

/** `keyWatch`: what the region's key watch wrote down last; undefined when nobody has looked, or it cannot be read. */
export type WatchedSystem = Watched & { keyWatch: KeyWatchRecord | undefined };

export async function watchSystem(assets: readonly WatchedAsset[], ports: WatchPorts, at: Date): Promise<WatchedSystem> {
  const keyWatch = await seeKeyWatch(ports, at);
  const looked = await mapSeveralAtOnce(assets, ASSETS_AT_ONCE, async (asset) => [asset.id, await see(asset, ports, at)] as const);
  const { findings, status } = decideWatch(
    { side: ports.side, assets, seen: Object.fromEntries(looked), keyWatch, reviewDue: ports.reviewDue },
    at,
  );
  const unmade = findings
    .filter((finding) => finding.kind === 'slot-missed')
    .filter(({ stage }) => stage === 'backup')
    .toSorted((a, b) => (a.slot < b.slot ? 1 : -1))
    .slice(0, MOST_CLAIMS_READ);
  const claimed = new Map<Finding, Finding>(
    await mapSeveralAtOnce(unmade, ASSETS_AT_ONCE, async (finding) => [finding, await withClaim(finding, ports)] as const),
  );
  return { findings: findings.map((finding) => claimed.get(finding) ?? finding), status, keyWatch };
}

/** That a region's key watch is silent is an alarm of its own, and that its escrow cannot be read is told of each key. */
async function seeKeyWatch({ system, escrow }: WatchPorts, at: Date): Promise<KeyWatchRecord | undefined> {
  try {
    return await readKeyWatch(escrow, system, at);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return undefined;
  }
}

/** What cannot be read of one asset keeps nobody from being told of the others. */
async function see(asset: WatchedAsset, { system, side, vault, escrow }: WatchPorts, at: Date): Promise<Seen> {
  try {
    return asset.kind === 'postgres'
      ? await seeDatabase({ reader: vault, system }, asset, at)
      : await seeKey({ reader: escrow, system, side }, asset, at);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { kind: 'not-seen', text: `${error.message} (${error.failure})` };
  }
}

/** Why a slot has no point: whether anybody had it. */
async function withClaim(finding: Finding, ports: WatchPorts): Promise<Finding> {
  if (finding.kind !== 'slot-missed') return finding;
  try {
    const holder = await holderOf(finding, ports);
    // A claim without its point need not be in the replica.
    if (holder === undefined) return ports.side === 'vault' ? { ...finding, holder: 'nobody claimed it' } : finding;
    return { ...finding, holder: `${holder} had it` };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { ...finding, holder: `who had it cannot be read (${error.message})` };
  }
}

async function holderOf(finding: { asset: string; slot: string }, { system, vault }: WatchPorts): Promise<string | undefined> {
  const versions = await oldestVersions(vault, runsPrefix(system, finding.asset, scheduledSlotId(new Date(finding.slot))));
  const highest = [...versions.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).at(-1);
  const record = highest && (await vault.get({ key: highest.key, versionId: highest.versionId }));
  const claim = record && Claim.safeParse(parseJson(record.body));
  return claim?.success ? claim.data.execution : undefined;
}
