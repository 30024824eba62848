/** Points that are gone and did not expire, and whether the other place still has them. */
import { HoldfastError } from '../core/failure/error.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { adviseLost, explainLost, type LostPoint } from '../core/vault/explain-lost.ts';
import { findLost } from '../core/vault/find-lost.ts';
import { findPoint, type Catalog, type ListedPoint } from '../core/vault/read-point.ts';
import type { VaultPlace } from './connection.ts';

/** Newest first. `others`: so many more are lost that are not named. */
export type LostPoints = { points: LostPoint[]; others: number };

export const NOTHING_LOST: LostPoints = { points: [], others: 0 };

type Place = { reader: ObjectReader; place: VaultPlace; other: ObjectReader | undefined };

export async function findLostPoints(
  { reader, place, other }: Place,
  system: string,
  asset: string,
  catalog: Catalog,
): Promise<LostPoints> {
  const { points, others } = await findLost(reader, system, asset, catalog);
  const found: LostPoint[] = [];
  for (const point of points) {
    const elsewhere = other && (await lookFor(other, system, asset, point));
    // A point comes into the replica some time after it was linked.
    if (place === 'replica' && elsewhere && elsewhere !== 'unknown' && !elsewhere.kinds.has('replicated')) continue;
    found.push({ point, isElsewhere: elsewhere === 'unknown' ? undefined : elsewhere !== undefined && canBeRestored(elsewhere) });
  }
  return { points: found, others };
}

const canBeRestored = ({ kinds }: ListedPoint) => kinds.has('verified') && kinds.has('replicated') && !kinds.has('tombstone');

/** That the other place does not answer must not hide what was found in this one. */
const lookFor = (reader: ObjectReader, system: string, asset: string, point: string) =>
  findPoint(reader, system, asset, point).catch((): 'unknown' => 'unknown');

export class PointLost extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(asset: string, lost: LostPoint, place: VaultPlace) {
    super(explainLost(asset, lost, place), adviseLost(asset, lost, place));
  }
}
