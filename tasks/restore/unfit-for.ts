import type { Obstacle } from '../../core/restore/find-obstacles.ts';
import { TargetUnfit } from './errors.ts';

/** All of what stands in the way, and what to do about each. The same may be found in two ways. */
export function unfitFor(found: readonly Obstacle[]): TargetUnfit {
  const obstacles = [...new Map(found.map((obstacle) => [obstacle.what, obstacle])).values()];
  return new TargetUnfit('TargetRefused', obstacles.map(({ what }) => what).join('; '), obstacles.map(({ fix }) => fix).join('. '));
}
