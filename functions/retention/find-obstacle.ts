import type { ListedVersion } from '../../core/ports/object-store.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import type { RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 16;

/** A version that S3 would not delete. To find it out by deleting would leave a point of which half is gone. */
export async function findObstacle(versions: readonly ListedVersion[], { vault, now }: RetentionPorts): Promise<string | undefined> {
  const at = now();
  const obstacles = await mapSeveralAtOnce(
    versions.filter((version) => !version.isDeleteMarker),
    READS_AT_ONCE,
    async ({ key, versionId }) => {
      const head = await vault.head({ key, versionId });
      if (head?.isHeld) return `${key} (version ${versionId}) is under legal hold`;
      if (head?.lockedUntil && head.lockedUntil > at)
        return `${key} (version ${versionId}) is locked until ${head.lockedUntil.toISOString()}`;
      return undefined;
    },
  );
  return obstacles.find((obstacle) => obstacle !== undefined);
}
