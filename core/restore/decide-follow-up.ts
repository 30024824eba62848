import type { VaultSide } from '../vault/side.ts';
import type { RestoreResult } from './result.ts';
import { findUndoObstacle } from './undo-obstacle.ts';

/** Whether what an earlier restore has kept can be put back or dropped. Pure. */
export function decideFollowUp(asked: {
  action: 'undo' | 'finish';
  of: string;
  result: RestoreResult | undefined;
  assets: readonly string[];
  /** The vault that the machine reads. Home's records are copied to the other one, and what they are about is not there. */
  from: VaultSide;
  isSignedOff: boolean;
  /** The runs that undid it, and that dropped what it had kept. */
  undoneBy: string | undefined;
  droppedBy: string | undefined;
}): { result: RestoreResult } | { problem: string } {
  const { action, of, result, assets, from, isSignedOff, undoneBy, droppedBy } = asked;
  if (action === 'undo' && from === 'replica')
    return {
      problem: `nothing is replaced in the second region, so there is nothing to undo: start it at home, \`npx holdfast restore undo ${of.slice(0, 40)}\`, or, where home is gone, swap by hand: docs/runbook.md, heading Swapping a database by hand`,
    };
  if (result === undefined)
    return { problem: `there is no restore of the run '${of.slice(0, 40)}': \`npx holdfast restore\` names its run at its end` };
  if (!assets.includes(result.asset))
    return { problem: `the restore ${of} was of ${result.asset}, which is no asset of the plan any more` };
  const obstacle = action === 'undo' ? findUndoObstacle({ ...result, undoneBy, droppedBy }) : undefined;
  if (obstacle) return { problem: `${obstacle.why}. ${obstacle.advice}` };
  if (action === 'finish' && droppedBy !== undefined)
    return {
      problem: `the database ${JSON.stringify(result.kept)} that the restore ${of} had kept was dropped by ${droppedBy}: there is nothing left to do`,
    };
  if (action === 'finish' && !isSignedOff && undoneBy !== undefined)
    return { problem: `the restore ${of} was undone by ${undoneBy}: there is nothing left of it to sign off` };
  if (action === 'finish' && !isSignedOff) {
    const kept = result.kept === undefined ? '' : `, so the database ${JSON.stringify(result.kept)} is kept`;
    return { problem: `nobody has signed off the restore ${of}${kept}: \`npx holdfast restore signoff ${of}\`` };
  }
  return { result };
}
