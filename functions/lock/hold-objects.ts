import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readManifest, storedVersions } from '../../adapters/vault/read-records.ts';
import { HoldObjectsEnvironment, HoldObjectsRequest, type HoldObjectsAnswer } from '../../core/lock/contract.ts';
import { WentBeforeTheHold } from '../../core/lock/errors.ts';
import { readHoldFacts, standingHolds } from '../../core/lock/read-holds.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectHolder, ObjectReader } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import { handle } from '../edge.ts';

export type HoldObjectsPorts = {
  system: string;
  vault: ObjectReader & ObjectHolder;
  /** Objects of the data that one call does: a point may have more than fit into 15 minutes. */
  mostObjects: number;
};
/** Half of the time that a function has, for each at 300 ms. */
const MOST_OBJECTS = 20_000;
const OBJECTS_AT_ONCE = 16;

/**
 * Sets S3's legal hold on every version of a point to what its facts say: as long as one hold stands, all of it is held. Killed and
 * done again it ends the same. The manifest is last: by its hold it is told later whether the others are as they should be. Two such
 * runs may be at one point: each reads the facts again after its last write, and begins anew where they have changed.
 */
export async function holdObjects(
  { asset, point, after, held: before, hold }: z.output<typeof HoldObjectsRequest>,
  { system, vault, mostObjects }: HoldObjectsPorts,
): Promise<HoldObjectsAnswer> {
  const of = { system, asset, point };
  const standing = standingHolds(await readHoldFacts(vault, of));
  // It was written, and what it was to hold went with it.
  if (hold !== undefined && !standing.includes(hold))
    throw new WentBeforeTheHold(`${asset}/${point}`, 'it had expired, and the hold with it');
  const held = standing.length > 0;
  const set = (versions: readonly ListedVersion[]) => severalAtOnce(versions, OBJECTS_AT_ONCE, (version) => vault.setHold(version, held));
  const prefix = pointDataPrefix(system, asset, point);
  /** Behind which all of its data is: from the beginning. */
  const again = async (objects: number): Promise<HoldObjectsAnswer | undefined> => {
    const isHeld = standingHolds(await readHoldFacts(vault, of)).length > 0;
    return isHeld === held ? undefined : { held: isHeld, objects, after: prefix };
  };

  const data = await storedVersions(vault, prefix);
  const isBegun = after !== undefined && (before === undefined || before === held);
  const left = isBegun ? data.filter(({ key }) => key > after) : data;
  const last = left[mostObjects - 1];
  // Whole keys: of one that was written over every version is held.
  const now = last ? left.filter(({ key }) => key <= last.key) : left;
  await set(now);
  if (last && now.length < left.length) return { held, objects: now.length, after: last.key };

  const records = await storedVersions(vault, pointPrefix(system, asset, point));
  const isCommit = ({ key }: ListedVersion) => key === manifestKey(system, asset, point);
  if (!records.some(isCommit)) throw new ObjectMissing(`The point ${asset}/${point} in s3://${vault.bucket}`);
  await set(records.filter((version) => !isCommit(version)));
  await set(records.filter(isCommit));
  const objects = now.length + records.length;
  const changed = await again(objects);
  if (changed) return changed;
  if (held) await expectWhole(of, vault);
  return { held, objects, after: '' };
}

/** Now that nothing of it can be deleted any more: whether it came in time. */
async function expectWhole(of: { system: string; asset: string; point: string }, vault: ObjectReader): Promise<void> {
  const { system, asset, point } = of;
  try {
    const { manifest } = await readManifest(vault, of);
    const there = new Set((await storedVersions(vault, pointDataPrefix(system, asset, point))).map(({ key }) => key));
    const gone = manifest.objects.filter(({ key }) => !there.has(key));
    if (gone.length > 0)
      throw new WentBeforeTheHold(`${asset}/${point}`, `${gone.length} of its ${manifest.objects.length} objects had expired before`);
  } catch (error) {
    // A damaged point can be held as well, and perhaps that is why it is.
    if (!(error instanceof PointRecordDamaged) && !(error instanceof RecordFormatUnknown)) throw error;
  }
}

export const handler = handle({
  environment: HoldObjectsEnvironment,
  request: HoldObjectsRequest,
  connect: ({ SYSTEM, VAULT_BUCKET }): HoldObjectsPorts => {
    const { reader, holder } = openBucket(VAULT_BUCKET, {}, process.env);
    return { system: SYSTEM, vault: { ...reader, ...holder }, mostObjects: MOST_OBJECTS };
  },
  run: holdObjects,
});
