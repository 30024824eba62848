/** Evidence of both regions in one order: a drill, a restore or an approval stands in the region that held it. */
import { readRecord } from '../../adapters/vault/read-records.ts';
import { readKeptKeys } from '../../core/evidence/kept-keys.ts';
import type { PublicKey } from '../../core/evidence/public-key.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { VaultPlace } from '../connection.ts';
import { openPoints, type Vault } from '../points.ts';
import type { Context } from '../verb.ts';
import { readEvidence, timeOf, type EvidenceWish, type StoredEvidence } from './read-evidence.ts';
import { readHoldRecords } from './read-hold-records.ts';
import { explainUnread, isUnread, otherPlace } from './read-other-region.ts';

export type Region = { place: VaultPlace; vault: Vault; keptKeys: readonly PublicKey[] };
export type HeldEvidence = StoredEvidence & { signature: Uint8Array | undefined; heldIn: VaultPlace };

/**
 * Both vaults, home's first: what stands in both is home's, copied. The one that is asked for must be there; of the other `unread` says
 * why it is not among them.
 */
export async function openRegions(context: Context, from: VaultPlace): Promise<{ regions: Region[]; unread: string[] }> {
  const { system } = context.plan();
  const open = async (place: VaultPlace): Promise<Region> => {
    const vault = await openPoints(context, place);
    const read = () => readKeptKeys(vault.reader, system);
    return { place, vault, keptKeys: await (place === from ? vault.reading(read) : read()) };
  };
  const own = await open(from);
  try {
    const other = await open(otherPlace(from));
    return { regions: from === 'vault' ? [own, other] : [other, own], unread: [] };
  } catch (error) {
    if (!isUnread(error)) throw error;
    return { regions: [own], unread: [`Evidence that ${explainUnread(otherPlace(from), 'evidence export <directory>')}`] };
  }
}

type RegionsWish = EvidenceWish & { plan: ProtectionPlan; asset: string | undefined; withHolds: boolean };

/** Newest first, each record once. */
export async function* readRegions(regions: readonly Region[], wish: RegionsWish): AsyncIterable<HeldEvidence> {
  const seen = new Set<string>();
  const streams = regions.map((region) => readRegion(region, wish, seen)[Symbol.asyncIterator]());
  const next = (index: number) => regions[index]!.vault.reading(() => streams[index]!.next());
  const heads = await Promise.all(regions.map((_, index) => next(index)));
  while (true) {
    const newest = indexOfNewest(heads);
    const head = heads[newest];
    if (!head || head.done) return;
    if (!seen.has(head.value.key)) yield head.value;
    seen.add(head.value.key);
    heads[newest] = await next(newest);
  }
}

/** The first of those that are as new. */
function indexOfNewest(heads: readonly IteratorResult<HeldEvidence>[]): number {
  const times = heads.map((head) => (head.done ? undefined : timeOf(head.value.key)));
  const newest = times.reduce((a, b) => ((b ?? '') > (a ?? '') ? b : a));
  return times.findIndex((time) => time !== undefined && time === newest);
}

/** @param seen keys that are not read again */
async function* readRegion(
  { place, vault }: Region,
  { plan, asset, withHolds, isWanted = () => true, ...wish }: RegionsWish,
  seen: ReadonlySet<string>,
): AsyncGenerator<HeldEvidence, void> {
  async function* records() {
    yield* readEvidence(vault.reader, { ...wish, isWanted });
    if (withHolds) yield* readHoldRecords(vault, plan, asset, isWanted);
  }
  for await (const { key, body } of records()) {
    if (seen.has(key)) continue;
    const signature = (await readRecord(vault.reader, signatureKey(key)))?.body;
    yield { key, body, signature, heldIn: place };
  }
}
