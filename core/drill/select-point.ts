import { slotInstant } from '../vault/ids.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import { EXPIRING } from '../vault/tombstone.ts';

export type SelectedPoint = { found: true; point: string } | { found: false; reason: string };

/** `in`: points whose slots are from before it and whose data is not. A listing tells slots alone. */
export type Damage = { at: Date; in: ReadonlySet<string> };

/**
 * The point to restore: the one asked for, or the newest that can be. It must be verified, since a drill compares with what verify
 * counted; in the replica it must also be replicated, since only that fact names the replica's versions.
 * @param points every point of the asset in that place, newest first
 * @param damage only what is older than it: the damage is in every later one
 */
export function selectPoint(
  points: readonly ListedPoint[],
  from: 'vault' | 'replica',
  asked: string | undefined,
  damage?: Damage,
): SelectedPoint {
  const why = (point: ListedPoint) => findPointObstacle(point, from);
  if (asked !== undefined) {
    const point = points.find((candidate) => candidate.point === asked);
    if (!point) return { found: false, reason: `There is no point ${asked} in the ${from}. ${describeChoice(points, from)}` };
    const obstacle = why(point);
    return obstacle
      ? { found: false, reason: `The point ${asked} ${obstacle}. ${describeChoice(points, from)}` }
      : { found: true, point: asked };
  }
  const isEarly = ({ point }: ListedPoint) =>
    damage === undefined || (slotInstant(point).getTime() <= damage.at.getTime() && !damage.in.has(point));
  const newest = points.find((point) => isEarly(point) && !why(point));
  if (newest) return { found: true, point: newest.point };
  if (damage !== undefined && points.some((point) => !why(point)))
    return {
      found: false,
      reason: `No point in the ${from} that can be restored is from before ${damage.at.toISOString()}. ${describeChoice(points, from)}`,
    };
  const [latest] = points;
  return {
    found: false,
    reason: latest
      ? `None of the ${points.length} points in the ${from} can be restored: the newest, ${latest.point}, ${why(latest)}`
      : `There is no point in the ${from} yet`,
  };
}

/** A sentence's middle. */
export function findPointObstacle({ kinds }: ListedPoint, from: 'vault' | 'replica'): string | undefined {
  if (kinds.has('tombstone')) return `has a tombstone, and its manifest is still there (${EXPIRING})`;
  if (!kinds.has('verified')) return 'is not verified';
  if (from === 'replica' && !kinds.has('replicated')) return 'is not wholly replicated';
  return undefined;
}

const NAMED_POINTS = 5;

/** The newest points that could be asked for instead. */
export function describeChoice(points: readonly ListedPoint[], from: 'vault' | 'replica'): string {
  const possible = points.filter((point) => !findPointObstacle(point, from)).map((point) => point.point);
  if (possible.length === 0) return 'No point can be restored';
  return `Possible, newest first: ${possible.slice(0, NAMED_POINTS).join(', ')}${possible.length > NAMED_POINTS ? `, and ${possible.length - NAMED_POINTS} older` : ''}`;
}
