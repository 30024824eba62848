/** Which drills say how much would be lost. */
import type { DrillEvidence } from './contract.ts';

export type PointTaken = Pick<DrillEvidence, 'isNewest' | 'damagedAt' | 'scenario'>;

/**
 * Only those of the newest point: an older one was asked for, or is from before the damage that a scenario plays, and is as old as
 * that. Records of earlier releases do not say which it was; theirs of a scenario count for nothing, since they may be of any.
 */
export const tellsRpo = ({ isNewest, scenario }: PointTaken): boolean => isNewest ?? scenario === undefined;

export const measuredRpo = (evidence: PointTaken & Pick<DrillEvidence, 'measured'>): number | undefined =>
  tellsRpo(evidence) ? evidence.measured.rpoSeconds : undefined;
