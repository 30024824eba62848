/** What is said of points that are gone and did not expire, by the command line and by machines alike. */
import type { ObjectReader } from '../ports/object-store.ts';
import { findLost } from './find-lost.ts';
import type { Catalog } from './read-point.ts';
import { fromOption, type VaultSide } from './side.ts';

/** `isElsewhere`: whether the other place has it, by its records; undefined when that could not be seen. */
export type LostPoint = { point: string; isElsewhere: boolean | undefined };

export const otherSide = (side: VaultSide): VaultSide => (side === 'vault' ? 'replica' : 'vault');

/** A sentence without its stop. */
export function explainLost(asset: string, { point, isElsewhere }: LostPoint, side: VaultSide): string {
  const other = otherSide(side);
  const there =
    isElsewhere === undefined ? `the ${other} could not be looked into` : `the ${other} ${isElsewhere ? 'has it' : 'has it no more'}`;
  return `Point ${asset}/${point} is lost: the chain or a record names it, nothing says that it expired, and it is gone from the ${side}; ${there}`;
}

export function adviseLost(asset: string, { point, isElsewhere }: LostPoint, side: VaultSide): string {
  const from = fromOption(otherSide(side));
  if (isElsewhere === false)
    return `Restore an older point (\`npx holdfast list${fromOption(side)}\`), and find out who deleted this one: docs/runbook.md, PointMissing`;
  return `Take it from the ${otherSide(side)}: \`npx holdfast verify ${asset}/${point}${from}\`, then \`npx holdfast restore ${asset}/${point} --to <database>${from}\``;
}

export const explainOthers = (others: number, side: VaultSide): string[] =>
  others > 0 ? [`${others} more are lost: \`npx holdfast evidence verify${fromOption(side)}\` names each`] : [];

/**
 * Why there is no point to take, for who sees one vault alone: `reason`, and that the one which was asked for, or else the newest, is
 * lost where it is. Where every point is, it cannot be said that there is none yet.
 */
export async function explainNone(
  reader: ObjectReader,
  { system, asset, point, side, reason }: { system: string; asset: string; point: string | undefined; side: VaultSide; reason: string },
  catalog: Catalog,
): Promise<string[]> {
  const { points, others } = await findLost(reader, system, asset, catalog);
  const lost = point === undefined ? points[0] : points.find((one) => one === point);
  if (lost === undefined) return [reason];
  const known = { point: lost, isElsewhere: undefined };
  const more = point === undefined ? explainOthers(points.length - 1 + others, side) : [];
  return [...(catalog.points.length > 0 ? [reason] : []), explainLost(asset, known, side), adviseLost(asset, known, side), ...more];
}
