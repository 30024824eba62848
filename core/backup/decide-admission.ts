/** May this execution make the slot's point? Pure: what was read comes in, the answer goes out with its reason. */
import type { ExecutionState } from '../ports/executions.ts';
import type { Claim } from './claim.ts';

/**
 * An execution that Step Functions does not know is either so young that it is not shown yet, or so old (90 days) that it has been
 * forgotten. In between there is nothing, so any bound that is well above the lag will do.
 */
export const UNKNOWN_MEANS_ENDED_AFTER_SECONDS = 15 * 60;

export type SlotState = {
  /** The execution that asks. */
  execution: string;
  /** The highest claim on the slot, and what became of its execution. */
  highest?: { claim: Claim; state: ExecutionState } | undefined;
  /** Whether the slot has its point. To be read after `highest`: an execution commits before it ends. */
  hasPoint: boolean;
  now: Date;
};

export type Admission =
  | { decision: 'refuse'; reason: string }
  /** The claim is this execution's own: a redelivery, or a write whose answer was lost. */
  | { decision: 'holds'; claim: number; reason: string }
  /** Write claim number `claim`; when somebody else was faster, read again and decide again. */
  | { decision: 'claim'; claim: number; reason: string };

export function decideAdmission({ execution, highest, hasPoint, now }: SlotState): Admission {
  if (hasPoint) return { decision: 'refuse', reason: 'the slot already has a point' };
  if (highest === undefined) return { decision: 'claim', claim: 1, reason: 'nobody has claimed the slot' };
  const { claim, state } = highest;
  if (claim.execution === execution) return { decision: 'holds', claim: claim.claim, reason: 'this execution holds the slot' };
  if (state === 'running') return { decision: 'refuse', reason: `the slot is held by ${claim.execution}, which is running` };
  const ageSeconds = (now.getTime() - Date.parse(claim.claimedAt)) / 1000;
  if (state === 'unknown' && ageSeconds < UNKNOWN_MEANS_ENDED_AFTER_SECONDS)
    return {
      decision: 'refuse',
      reason: `the slot was claimed ${Math.max(0, Math.round(ageSeconds))} s ago by ${claim.execution}, which may be about to run`,
    };
  return { decision: 'claim', claim: claim.claim + 1, reason: `${claim.execution} held the slot and ended without a point` };
}
