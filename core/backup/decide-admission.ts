/** May this execution make the slot's point, or finish it? Pure: what was read comes in, the answer goes out with its reason. */
import type { ExecutionState } from '../ports/executions.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import type { Claim } from './claim.ts';

/**
 * An execution that Step Functions does not know is either so young that it is not shown yet, or so old (90 days) that it has been
 * forgotten. In between there is nothing, so any bound that is well above the lag will do.
 */
export const UNKNOWN_MEANS_ENDED_AFTER_SECONDS = 15 * 60;

/** `committed`: the point exists, and something that every whole run writes beside it is missing. `recorded`: nothing is missing there. */
export type PointState = 'none' | 'committed' | 'recorded';

/** What a whole run leaves in a point's folder, so that a listing tells. Link, late locks and late copies are elsewhere. */
const WRITTEN_BY_A_WHOLE_RUN = ['verified', 'locked', 'replicated'] as const;

export function decidePointState(listed: Pick<ListedPoint, 'kinds' | 'isSigned'> | undefined): PointState {
  if (listed === undefined) return 'none';
  return listed.isSigned && WRITTEN_BY_A_WHOLE_RUN.every((kind) => listed.kinds.has(kind)) ? 'recorded' : 'committed';
}

export type SlotState = {
  /** The execution that asks. */
  execution: string;
  /** The highest claim on the slot, and what became of its execution. */
  highest?: { claim: Claim; state: ExecutionState } | undefined;
  /** How far the slot's point is. To be read after `highest`: an execution commits before it ends. */
  point: PointState;
  now: Date;
};

/** `committed`: the point is there already, and what follows the dump is left to do. */
export type Admission =
  | { decision: 'refuse'; reason: string }
  /** The claim is this execution's own: a redelivery, or a write whose answer was lost. */
  | { decision: 'holds'; claim: number; committed: boolean; reason: string }
  /** Write claim number `claim`; when somebody else was faster, read again and decide again. */
  | { decision: 'claim'; claim: number; committed: boolean; reason: string };

/**
 * A point is finished when its folder holds all that a whole run writes there, unless the run that holds the slot is known to have
 * failed: the last steps of a run (link, locks and copies of the last records) leave nothing in the folder, so there the run's own
 * end is the only cheap word on them. Finishing a finished point again changes nothing of it.
 */
export function decideAdmission({ execution, highest, point, now }: SlotState): Admission {
  const committed = point !== 'none';
  const finished: Admission = { decision: 'refuse', reason: 'the slot has its point, and the point is finished' };
  if (highest === undefined)
    return point === 'recorded' ? finished : { decision: 'claim', claim: 1, committed, reason: 'nobody has claimed the slot' };
  const { claim, state } = highest;
  if (claim.execution === execution) return { decision: 'holds', claim: claim.claim, committed, reason: 'this execution holds the slot' };
  if (state === 'running') return { decision: 'refuse', reason: `the slot is held by ${claim.execution}, which is running` };
  if (point === 'recorded' && state !== 'failed') return finished;
  const ageSeconds = (now.getTime() - Date.parse(claim.claimedAt)) / 1000;
  if (state === 'unknown' && ageSeconds < UNKNOWN_MEANS_ENDED_AFTER_SECONDS)
    return {
      decision: 'refuse',
      reason: `the slot was claimed ${Math.max(0, Math.round(ageSeconds))} s ago by ${claim.execution}, which may be about to run`,
    };
  const left = committed ? 'left the point unfinished' : 'ended without a point';
  return { decision: 'claim', claim: claim.claim + 1, committed, reason: `${claim.execution} held the slot and ${left}` };
}
