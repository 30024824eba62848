import { HoldfastError } from '../core/failure/error.ts';
import { adviseLost, explainLost } from '../core/vault/explain-lost.ts';
import type { ListedPoint } from '../core/vault/read-point.ts';
import { LATEST } from './assets.ts';
import type { VaultPlace } from './connection.ts';
import { NOTHING_LOST, PointLost, type LostPoints } from './lost-points.ts';
import { openPoints } from './points.ts';
import type { Context } from './verb.ts';

/**
 * Before a machine is started for a point: throws PointLost when the point is gone, and tells of every newer one that is gone when the
 * newest is asked for, which would else be passed over without a word. What cannot be read is left to the machine.
 */
export async function lookForLost(
  context: Context,
  { asset, point, from = 'vault' }: { asset: string; point?: string | undefined; from?: VaultPlace | undefined },
): Promise<void> {
  const { points, lost } = await seeLost(context, asset, from);
  const wished = lost.points.find((one) => one.point === point);
  if (wished) throw new PointLost(asset, wished, from);
  if (point !== undefined && point !== LATEST) return;
  const newest = points.find(({ kinds }) => kinds.has('verified') && !kinds.has('tombstone'))?.point ?? '';
  const newer = lost.points.filter((one) => one.point > newest);
  if (newer[0] && newest === '') throw new PointLost(asset, newer[0], from);
  for (const one of newer) context.tell(`${explainLost(asset, one, from)}. ${adviseLost(asset, one, from)}`);
}

async function seeLost(context: Context, asset: string, from: VaultPlace): Promise<{ points: ListedPoint[]; lost: LostPoints }> {
  // What keeps this from being reached keeps the machine from being started.
  await context.connect();
  try {
    const vault = await openPoints(context, from);
    const catalog = await vault.catalog(asset);
    return { points: catalog.points, lost: await vault.lost(asset, catalog) };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { points: [], lost: NOTHING_LOST };
  }
}
