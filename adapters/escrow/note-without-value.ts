/** A version that its source lists and gives no value of. */
import { emptyFactKey, type EmptyFact, type WithoutValueKind } from '../../core/escrow/empty-versions.ts';
import type { KeyVersion, VersionLabel, VersionWithoutValue } from '../../core/escrow/contract.ts';
import { KeyNotInSecret, KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { FACT_FORMAT } from '../../core/escrow/facts.ts';
import type { KeyPlace } from '../../core/escrow/key-place.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { instantOfRun } from '../../core/vault/ids.ts';
import { listKey } from './list-escrow.ts';
import { putUnlessThere, type EscrowBuckets } from './store-envelope.ts';

type Ports = { system: string; place: KeyPlace; source: KeySource; buckets: EscrowBuckets };

/** Why there is no value, by what reading the version ended with; undefined when that says nothing of the version. */
function withoutValueBy(error: unknown): WithoutValueKind | undefined {
  if (error instanceof KeyNotInSecret) return 'keyless';
  if (!(error instanceof KeySourceUnavailable)) return undefined;
  return error.reason === 'version-missing' ? 'empty' : error.reason === 'undecryptable' ? 'undecryptable' : undefined;
}

/**
 * One that a rotation has begun may have no value yet; an old one has none for good when it is still listed, and no run ever saw a value
 * of it: its rotation was cancelled. One that was read without the key, or that nobody can decrypt, is as good as it will be once it is
 * old; what is in use, or about to be, stays a failure. Only what is old is written down, and the guard takes it for what nobody can
 * lose: one that is pending is given a value after all, which may be replaced before a run sees it.
 * @param error what taking it up ended with
 * @returns undefined when it is no such version: its failure is one then
 */
export async function noteWithoutValue(version: KeyVersion, error: unknown, ports: Ports): Promise<VersionWithoutValue | undefined> {
  const kind = version.problem ? undefined : withoutValueBy(error);
  if (kind === undefined || !(await isWithoutValue(version, kind, ports))) return undefined;
  return { key: version.key, secretVersion: version.secretVersion, ...(kind === 'empty' ? {} : { why: kind }) };
}

async function isWithoutValue(
  { key, secretVersion, label, run }: KeyVersion,
  kind: WithoutValueKind,
  { system, place, source, buckets }: Ports,
): Promise<boolean> {
  // What Parameter Store lists has a value.
  if (kind === 'empty' && place.store === 'parameter') return false;
  if (label !== 'old') return kind === 'empty' && label === 'pending';
  const { states, empty } = await listKey(buckets.home.reader, system, key, new Date(instantOfRun(run)));
  // Of a value that was in escrow, a version that has none has lost it at its source; of the others the value itself stands in escrow.
  if ([...states.values()].some(({ secretVersions }) => secretVersions.includes(secretVersion))) return kind !== 'empty';
  // Its rotation may have gone on since the versions were listed; a number of Parameter Store is never used again.
  const labelNow = place.store === 'parameter' ? 'old' : await labelOf(source, place, secretVersion);
  if (labelNow !== 'old') return kind === 'empty' && labelNow === 'pending';
  if (empty.has(secretVersion)) return true;
  const fact: EmptyFact = { format: FACT_FORMAT, kind, system, key, id: secretVersion };
  // Home last: what it says keeps the second region from being written to again.
  for (const { writer } of [buckets.replica, buckets.home]) await putUnlessThere(writer, emptyFactKey(fact), JSON.stringify(fact));
  return true;
}

async function labelOf(source: KeySource, place: KeyPlace, version: string): Promise<VersionLabel | undefined> {
  for await (const { id, label } of source.listVersions(place)) if (id === version) return label;
  return undefined;
}
