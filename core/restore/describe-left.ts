/** What there is after a restore, an undo or a finish that did not come through, a sentence each. Pure. */
import { RESTORE_STEPS } from '../failure/steps.ts';
import type { RestoreTarget } from './target.ts';
import { stagedDatabaseName, undoneDatabaseName } from './target-names.ts';

export type FailedRun = {
  action: 'restore' | 'undo' | 'finish';
  target: RestoreTarget;
  database: string;
  point: string;
  run: string;
  of: string;
  /** Point of the safety backup; empty when none was made. */
  safety: string;
  step: string;
  /** What could not be found out or opened after the failure; empty when nothing. */
  settled: string;
  /** The database that has all of the point; undefined when none has. */
  filled: string | undefined;
};

const name = (database: string) => JSON.stringify(database);

export function describeLeft(failed: FailedRun): string[] {
  const { settled, safety, target } = failed;
  return [
    ...ofDatabase(failed),
    ...(settled === '' ? [] : [settled]),
    ...(safety === ''
      ? []
      : [`The safety backup is the point ${safety}${target === 'in-place' ? '' : ', which has what the database was'}`]),
  ];
}

function ofDatabase(failed: FailedRun): string[] {
  const { action, target, database, of, step, settled } = failed;
  if (action === 'finish') return [`What the restore ${of} has kept may still be there; ${name(database)} was not touched`];
  if (action === 'undo')
    return step === RESTORE_STEPS.undo && settled !== ''
      ? [
          `Either what the restore ${of} made has the name ${name(database)}, or it is ${name(undoneDatabaseName(database, of))} and the old one has it`,
        ]
      : [`What the restore ${of} made still has the name ${name(database)}; what it has kept is kept`];
  if (target === 'beside') return ofNew(failed);
  if (target === 'in-place')
    return [
      settled === ''
        ? `${name(database)} is the old database: nothing was replaced`
        : `Whether ${name(database)} is the old database its comment and the names beside it say (docs/runbook.md, heading A database that a swap left closed)`,
      ...(failed.safety === '' ? [] : ofStaged(failed)),
    ];
  if (failed.filled !== undefined) return [`${name(database)} has all of the point`];
  if (step !== RESTORE_STEPS.replace) return [`${name(database)} was not replaced by this run`];
  return [
    target === 'clean-replay'
      ? `${name(database)} is as it was, or has all of the point: the dump runs in one transaction, and nobody could say that it was committed`
      : `${name(database)} may be gone or half made (docs/runbook.md, heading A database that was replaced by half)`,
  ];
}

function ofNew({ database, filled }: FailedRun): string[] {
  if (filled !== undefined) return [`The new database ${name(database)} has all of the point, and is kept`];
  return [
    `Nothing has all of the point: if there is a new database ${name(database)} of this run, it is half made (docs/runbook.md, heading Half-made databases)`,
  ];
}

function ofStaged({ database, point, filled }: FailedRun): string[] {
  const staged = name(stagedDatabaseName(database, point));
  return [
    filled === undefined
      ? `If there is a database ${staged}, it is half made: the same restore again goes on with it, or does away with it`
      : `${staged} beside it has all of the point, and is kept: the same restore again takes it up`,
  ];
}
