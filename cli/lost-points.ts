/** Points that are gone and did not expire: what is said of them, and whether the other place still has them. */
import { HoldfastError } from '../core/failure/error.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { findLost } from '../core/vault/find-lost.ts';
import { findPoint, type Catalog, type ListedPoint } from '../core/vault/read-point.ts';
import type { VaultPlace } from './connection.ts';

/** `isElsewhere`: whether the other place has it, by its records; undefined when that could not be seen. */
export type LostPoint = { point: string; isElsewhere: boolean | undefined };
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

const otherPlace = (place: VaultPlace): VaultPlace => (place === 'vault' ? 'replica' : 'vault');
const fromOption = (place: VaultPlace) => (place === 'vault' ? '' : ` --from ${place}`);

/** A sentence without its stop. */
export function explainLost(asset: string, { point, isElsewhere }: LostPoint, place: VaultPlace): string {
  const other = otherPlace(place);
  const there =
    isElsewhere === undefined ? `the ${other} could not be looked into` : `the ${other} ${isElsewhere ? 'has it' : 'has it no more'}`;
  return `Point ${asset}/${point} is lost: the chain or a record names it, nothing says that it expired, and it is gone from the ${place}; ${there}`;
}

export function adviseLost(asset: string, { point, isElsewhere }: LostPoint, place: VaultPlace): string {
  const from = fromOption(otherPlace(place));
  if (isElsewhere === false)
    return 'Restore an older point (`npx holdfast list`), and find out who deleted this one: docs/runbook.md, PointMissing';
  return `Take it from the ${otherPlace(place)}: \`npx holdfast verify ${asset}/${point}${from}\`, then \`npx holdfast restore ${asset}/${point} --to <database>${from}\``;
}

export const explainOthers = (others: number, place: VaultPlace): string[] =>
  others > 0 ? [`${others} more are lost: \`npx holdfast evidence verify${fromOption(place)}\` names each`] : [];

export class PointLost extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(asset: string, lost: LostPoint, place: VaultPlace) {
    super(explainLost(asset, lost, place), adviseLost(asset, lost, place));
  }
}
