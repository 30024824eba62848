/** A version that its source lists and gives no value of. */
import { emptyFactKey, type EmptyFact } from '../../core/escrow/empty-versions.ts';
import type { KeyVersion } from '../../core/escrow/contract.ts';
import { FACT_FORMAT } from '../../core/escrow/facts.ts';
import type { KeyPlace } from '../../core/escrow/key-place.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { listKey } from './list-escrow.ts';
import { putUnlessThere, type EscrowBuckets } from './store-envelope.ts';

/**
 * To be called when the source says that the version is not there. One that a rotation has begun may have no value yet; an old one has
 * none for good when it is still listed, and no run ever saw a value of it: its rotation was cancelled. The guard takes both for what
 * nobody can lose.
 * @returns whether it is such a version: otherwise its value is gone
 */
export async function noteEmpty(
  { key, secretVersion, label }: KeyVersion,
  { system, place, source, buckets }: { system: string; place: KeyPlace; source: KeySource; buckets: EscrowBuckets },
): Promise<boolean> {
  // What Parameter Store lists has a value.
  if (place.store === 'parameter' || (label !== 'pending' && label !== 'old')) return false;
  const { states, empty } = await listKey(buckets.home.reader, system, key);
  const hadValue = [...states.values()].some(({ secretVersions }) => secretVersions.includes(secretVersion));
  if (label === 'old' && (hadValue || !(await isListed(source, place, secretVersion)))) return false;
  if (hadValue || empty.has(secretVersion)) return true;
  const fact: EmptyFact = { format: FACT_FORMAT, kind: 'empty', system, key, id: secretVersion };
  // Home last: what it says keeps the second region from being written to again.
  for (const { writer } of [buckets.replica, buckets.home]) await putUnlessThere(writer, emptyFactKey(fact), JSON.stringify(fact));
  return true;
}

async function isListed(source: KeySource, place: KeyPlace, version: string): Promise<boolean> {
  for await (const { id } of source.listVersions(place)) if (id === version) return true;
  return false;
}
