/** Which committed points still need a link, and which links must be read to know. Pure. */
import { slotInstant } from '../vault/ids.ts';

/** Points of before these are left to the audit, which follows the whole chain. */
export const POINTS_LOOKED_BACK = 48;

/** Clocks of S3 and of Scheduler need not agree. */
const CLOCK_TOLERANCE_MILLISECONDS = 3_600_000;

/** The newest points, the run's own always among them, oldest first. */
export const selectCandidates = (points: readonly string[], own: string): string[] =>
  [...new Set([...points.toSorted().slice(-POINTS_LOOKED_BACK), own])].sort();

/**
 * A link is written after its point, and a point after its slot's instant: a link older than the oldest candidate's slot is of none
 * of them. Spares reading a chain of years at every run.
 */
export function selectLinksToRead<Listed extends { lastModified: Date }>(
  links: readonly Listed[],
  candidates: readonly string[],
): Listed[] {
  const oldest = Math.min(...candidates.map((point) => slotInstant(point).getTime())) - CLOCK_TOLERANCE_MILLISECONDS;
  return links.filter((link) => link.lastModified.getTime() >= oldest);
}

/** Candidates without a link, oldest first: the order in which they are linked. */
export const selectUnlinked = (candidates: readonly string[], linkedPoints: ReadonlySet<string>): string[] =>
  candidates.filter((point) => !linkedPoints.has(point));
