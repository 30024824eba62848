import { FIRST_LOCK_DAYS } from '../../core/lock/first-lock.ts';
import type { ListedVersion } from '../../core/ports/object-store.ts';
import type { KeptPoint } from '../../core/retention/contract.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import type { RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 16;
/** Locks end on a full second, and services round. */
const FIRST_LOCK_MILLISECONDS = FIRST_LOCK_DAYS * 86_400_000 + 1000;

type Obstacle = Omit<KeptPoint, 'point'>;
type Place = { data: readonly ListedVersion[]; records: readonly ListedVersion[]; manifest: ListedVersion };

/**
 * A version that S3 would not delete. To find it out by deleting would leave a point of which half is gone. What was written beside a
 * point whose own lock is over, the release of its hold above all, has the bucket's first lock and no other: nothing has failed, and
 * the point goes once that is over.
 */
export async function findObstacle({ data, records, manifest }: Place, { vault, now }: RetentionPorts): Promise<Obstacle | undefined> {
  const at = now();
  const found = await mapSeveralAtOnce(
    [...data, ...records].filter((version) => !version.isDeleteMarker),
    READS_AT_ONCE,
    async ({ key, versionId, lastModified }): Promise<Obstacle | undefined> => {
      const { isHeld, lockedUntil } = (await vault.head({ key, versionId })) ?? {};
      const name = `${key} (version ${versionId})`;
      if (isHeld) return { failed: true, why: `${name} is under legal hold` };
      if (!lockedUntil || lockedUntil <= at) return undefined;
      const isBeside = key.startsWith('catalog/') && key !== manifest.key;
      const isFirst = isBeside && lockedUntil.getTime() - lastModified.getTime() <= FIRST_LOCK_MILLISECONDS;
      const until = `locked until ${lockedUntil.toISOString()}`;
      return isFirst
        ? { failed: false, why: `it goes later: ${key} was written on ${lastModified.toISOString()}, and as anything new is ${until}` }
        : { failed: true, why: `${name} is ${until}` };
    },
  );
  return found.find((obstacle) => obstacle?.failed) ?? found.find((obstacle) => obstacle !== undefined);
}
