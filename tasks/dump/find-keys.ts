/**
 * Which escrowed keys a point needs: of each the value that was current when escrow last ran, and first in the list; then those that
 * became current since the last point, for rows may be of any of them, and those that the plan says are still in use. Found by listing alone, by versions: a delete marker hides nothing.
 */
import { selectCurrentAfter, selectCurrentFingerprint } from '../../core/escrow/current-key.ts';
import { selectInUseAfter } from '../../core/escrow/earlier-values.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { slotInstant } from '../../core/vault/ids.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';

type Needed = {
  system: string;
  keys: readonly string[];
  earlierValues?: PostgresAsset['earlierValues'];
  now: Date;
  lastPoint?: string | undefined;
};

/**
 * @param now what is dated after it counts for nothing
 * @param lastPoint id of the point before this one; undefined when there is none, or it is not asked for
 */
export async function findKeyFingerprints(
  escrow: Pick<ObjectReader, 'listVersions'>,
  { system, keys, earlierValues = [], now, lastPoint }: Needed,
): Promise<Manifest['keys']> {
  const found: Manifest['keys'] = [];
  for (const key of keys) {
    const listed: string[] = [];
    for await (const version of escrow.listVersions(escrowPrefix(system, key))) if (!version.isDeleteMarker) listed.push(version.key);
    const current = selectCurrentFingerprint(listed, system, key, now);
    const since = lastPoint === undefined ? [] : selectCurrentAfter(listed, system, key, slotInstant(lastPoint), now);
    // A key that is not in escrow yet is the escrow's alarm, not a reason to go without a backup: the point says that it has none.
    const inUse = earlierValues.find((one) => one.key === key)?.inUse;
    const earlier = inUse === undefined ? [] : selectInUseAfter(listed, system, key, beginOf(inUse, now), now);
    const fingerprints = new Set([...(current === undefined ? [] : [current]), ...since, ...earlier]);
    found.push(...[...fingerprints].map((fingerprint) => ({ key, fingerprint })));
  }
  return found;
}

/** The longest that a month or a year can be: a value too many costs nothing, one too few the rows that are of it. */
const beginOf = (inUse: string, now: Date): Date =>
  inUse === 'all' ? new Date(0) : new Date(now.getTime() - durationSeconds(inUse) * 1000);

/** A key may be rotated during the dump: the rows are of before, and escrow may not have seen the rotation of just before yet. */
export const joinKeys = (atEnd: Manifest['keys'], atStart: Manifest['keys']): Manifest['keys'] => [
  ...atEnd,
  ...atStart.filter((early) => !atEnd.some(({ key, fingerprint }) => key === early.key && fingerprint === early.fingerprint)),
];
