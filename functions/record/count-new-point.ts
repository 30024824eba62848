import type { PointMeasure } from '../../core/record/measure-point.ts';

/**
 * The alarm on silence waits for a new point, and an old one that is finished late is none. A run that made its point records it
 * within the plan's longest run of its data point, or was ended; the alarm allows for just that time. So whoever records a point
 * within it says that there is a new one, and whoever records it later says that there is not.
 */
export function countNewPoint(
  measures: readonly PointMeasure[],
  { consistentAt, now, longestRunSeconds }: { consistentAt: string; now: Date; longestRunSeconds: number },
): PointMeasure[] {
  const isNew = now.getTime() - Date.parse(consistentAt) <= longestRunSeconds * 1000;
  return measures.map((measure) => (measure.name === 'PointCommitted' ? { ...measure, value: isNew ? 1 : 0 } : measure));
}
