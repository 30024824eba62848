import type { RestoreResult } from './result.ts';

/** Whether what an earlier restore has kept can be put back or dropped. Pure. */
export function decideFollowUp(asked: {
  action: 'undo' | 'finish';
  of: string;
  result: RestoreResult | undefined;
  assets: readonly string[];
  isSignedOff: boolean;
}): { result: RestoreResult } | { problem: string } {
  const { action, of, result, assets, isSignedOff } = asked;
  if (result === undefined)
    return { problem: `there is no restore of the run '${of.slice(0, 40)}': \`npx holdfast restore\` names its run at its end` };
  if (!assets.includes(result.asset))
    return { problem: `the restore ${of} was of ${result.asset}, which is no asset of the plan any more` };
  if (action === 'undo' && (result.target !== 'in-place' || result.kept === undefined))
    return { problem: `the restore ${of} kept no database: its target was ${result.target ?? 'beside'}` };
  if (action === 'finish' && !isSignedOff) {
    const kept = result.kept === undefined ? '' : `, so the database ${JSON.stringify(result.kept)} is kept`;
    return { problem: `nobody has signed off the restore ${of}${kept}: \`npx holdfast restore signoff ${of}\`` };
  }
  return { result };
}
