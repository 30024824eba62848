/** Whether what is restored fits on the server. PostgreSQL tells nobody how much disk is free: the plan says how much there is. Pure. */
import type { RestoreTarget } from './target.ts';

const GIB = 1024 ** 3;

export type Space = { neededBytes: number; freeBytes: number };

/**
 * Undefined where the plan does not say how big the disk is, or where no rows are restored. Logs of the server and what else stands on
 * its disk are not seen: what is refused does not fit, what is not refused may still not.
 * @param of.usedBytes by all databases, but for what an earlier try of this restore has left
 */
export function decideSpace(of: {
  volumeGiB: number | undefined;
  target: RestoreTarget;
  schemaOnly: boolean;
  restoredBytes: number;
  replacedBytes: number;
  usedBytes: number;
}): Space | undefined {
  const { volumeGiB, target, schemaOnly, restoredBytes, replacedBytes, usedBytes } = of;
  if (volumeGiB === undefined || schemaOnly) return undefined;
  // A replay keeps the old rows until its one transaction is committed; only what is dropped first makes room.
  const freed = target === 'drop-and-create' ? replacedBytes : 0;
  return { neededBytes: restoredBytes, freeBytes: Math.max(0, volumeGiB * GIB - usedBytes + freed) };
}
