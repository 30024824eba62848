/** Why a restore cannot be undone, as its records say; what to do instead. Pure. */
import type { RestoreTarget } from './target.ts';

export type UndoObstacle = { why: string; advice: string };

export function findUndoObstacle(restore: {
  run: string;
  target?: RestoreTarget | undefined;
  database: string;
  kept?: string | undefined;
  safety?: string | undefined;
  /** The runs that put the old database back, and that dropped it. */
  undoneBy?: string | undefined;
  droppedBy?: string | undefined;
}): UndoObstacle | undefined {
  const { run, target = 'beside', database, kept, safety, undoneBy, droppedBy } = restore;
  if (target === 'beside')
    return {
      why: `the restore ${run} replaced nothing: it made the new database ${JSON.stringify(database)}`,
      advice: 'Drop that on its server when it is not wanted',
    };
  if (undoneBy !== undefined)
    return {
      why: `the restore ${run} was undone already, by ${undoneBy}: ${JSON.stringify(database)} is what it was before`,
      advice: 'Where what had been restored is kept, the evidence of the undo says',
    };
  if (droppedBy !== undefined)
    return {
      why: `the database ${JSON.stringify(kept)} that the restore ${run} had kept was dropped by ${droppedBy}, once it was signed off`,
      advice:
        safety === undefined ? 'Restore an earlier point' : `Restore an earlier point; the safety backup of that restore is ${safety}`,
    };
  if (target !== 'in-place' || kept === undefined)
    return {
      why: `the restore ${run} kept no database: its target was ${target}`,
      advice:
        safety === undefined
          ? 'Restore an earlier point'
          : `What ${JSON.stringify(database)} was stands in the point of its safety backup, ${safety}: restore that`,
    };
  return undefined;
}
