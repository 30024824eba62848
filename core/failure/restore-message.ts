/** What a person is told of a step of the restore machine that failed: what is there now, and the command that helps. Pure. */
import { keepsNothing, replacesDatabase, type RestoreAction, type RestoreTarget } from '../restore/target.ts';
import { stagedDatabaseName } from '../restore/target-names.ts';
import { fromOption } from '../vault/side.ts';
import { command, shellWord } from './command.ts';
import type { FailureReport } from './message.ts';
import { partOfStep } from './restore-parts.ts';
import { BEFORE_REPLACING, QUIESCE } from './steps.ts';

const ONLY_EVIDENCE = 'Only the evidence of it is not written, signed, locked and copied as it should be';
const DONE: Record<RestoreAction, string> = {
  restore: `The restore itself worked: the point stands in its new database. ${ONLY_EVIDENCE}`,
  undo: `The undo itself worked: the old database has its name again. ${ONLY_EVIDENCE}`,
  finish: `What the restore had kept is dropped. ${ONLY_EVIDENCE}`,
  resume: `What was stopped is put back. ${ONLY_EVIDENCE}`,
};
const NOTHING_DONE: Record<RestoreAction, string> = {
  restore: 'Nothing was put back. The source was not touched',
  undo: 'Nothing was put back: the database is what the restore has made, and what it has kept is kept',
  finish: 'Nothing was dropped. The restored database was not touched',
  resume: 'What the restore had stopped is as it was',
};

export function meaningOfRestore(report: FailureReport): string {
  const staged = stagedBy(report);
  return staged === undefined
    ? whatIsThere(report)
    : `${whatIsThere(report)}. What was restored beside by then stands as ${JSON.stringify(staged)}: the same restore of the same point goes on with it; drop it if there will be none`;
}

/** A copy as large as the database. */
function stagedBy({ step, action = 'restore', target, database, point }: FailureReport): string | undefined {
  if (action !== 'restore' || target !== 'in-place' || database === undefined || point === undefined) return undefined;
  const part = partOfStep(step);
  const mayStand =
    part === 'restore' || part === 'check' || step === BEFORE_REPLACING.time || Object.values<string>(QUIESCE).includes(step);
  return mayStand ? stagedDatabaseName(database, point) : undefined;
}

function whatIsThere({ step, action = 'restore', target = 'beside' }: FailureReport): string {
  const isReplacing = action === 'restore' && replacesDatabase(target);
  switch (partOfStep(step)) {
    case 'evidence':
      return isReplacing ? `The point stands in the database. ${ONLY_EVIDENCE}` : DONE[action];
    case 'evidence-of-failure':
      return 'The restore had failed before, as its own message says. Only the evidence of that is not written, signed, locked and copied as it should be';
    case 'sign-off':
      return 'The sign-off is written down. It is not signed, locked and copied as it should be, and nothing was dropped for it';
    case 'drop':
      return 'What was kept may still be there. The restored database was not touched';
    case 'put-back':
      return 'Something that was stopped may not run again. What became of the database the end of the execution says, and the message of an earlier step, if one failed';
    case 'probe':
      return 'The restore itself worked: the point stands in the database. Whether the application works on it nobody could ask';
    case 'silent':
      return 'The restore itself worked: the point stands in the database. The application on it does not answer as it should';
    case 'swap':
      // What puts things right after a failure comes after a replacement as well, which has no second database.
      if (isReplacing && keepsNothing(target)) return mayBeHalfReplaced(target);
      return 'One of the two databases has the name, whole. Whether it takes connections: docs/runbook.md, heading A database that a swap left closed';
    case 'refused':
      return 'Nothing was replaced: the database is as this run found it. What was stopped for it is put back next';
    case 'replace':
      return mayBeHalfReplaced(target);
    case 'check':
      if (isReplacing && keepsNothing(target))
        return 'The database is replaced. What it was stands in the point of the safety backup: docs/runbook.md, heading CheckFailed';
      return mayBeHalfMade(isReplacing);
    case 'restore':
      return mayBeHalfMade(isReplacing);
    case 'before':
    case undefined:
    default:
      return isReplacing ? NOT_TOUCHED : NOTHING_DONE[action];
  }
}

const mayBeHalfReplaced = (target: RestoreTarget) =>
  target === 'clean-replay'
    ? 'The database is as it was, unless all of the dump came through: it runs in one transaction'
    : 'The database may be half made. What it was stands in the point of the safety backup: docs/runbook.md, heading A database that was replaced by half';

const NOT_TOUCHED = 'The database that was to be replaced was not touched';

/** Kept for another try, or left by a task that was killed and could not say so. */
const mayBeHalfMade = (isReplacing: boolean) =>
  isReplacing ? NOT_TOUCHED : `${NOTHING_DONE.restore}. What may be left: docs/runbook.md, heading Half-made databases`;

const AGAIN: Record<RestoreAction, string> = { restore: 'restored', undo: 'put back', finish: 'dropped', resume: 'put back' };

export function nextOfRestore(r: FailureReport): string {
  const { step, asset, failure, action = 'restore', side, of, run } = r;
  const from = fromOption(side).trim();
  const ofAsset = asset === '' ? '' : `--asset ${shellWord(asset)}`;
  const earlier = of === undefined ? '<run>' : shellWord(of);
  const part = partOfStep(step);
  if (part === 'evidence') return `nothing has to be ${AGAIN[action]} again: docs/runbook.md, heading Evidence of a restore`;
  if (part === 'evidence-of-failure') return 'nothing of the restore: docs/runbook.md, heading Evidence of a restore';
  // A restore that is started again would replace the database once more.
  if (part === 'probe') return 'nothing has to be restored again: see whether the application works on it';
  if (part === 'silent')
    return r.target === 'in-place' && run !== undefined
      ? command('restore undo', shellWord(run))
      : 'nothing has to be restored again: docs/runbook.md, heading CheckFailed';
  if (action === 'resume') return command('restore resume', earlier, ofAsset);
  if (part === 'put-back') return command('restore resume', run ?? '<run>', ofAsset);
  if (action === 'undo') return command('restore undo', earlier);
  if (action === 'finish') return command('restore signoff', earlier, from);
  // The same point again would fail the same check.
  if (part === 'check' && failure === 'CheckFailed') return command('list', asset, from);
  return restoreCommand(r);
}

/** The same restore again: it goes on with what the one that failed has left, if it has left anything. */
function restoreCommand(r: FailureReport): string {
  const { asset, point, failure, database, target = 'beside', selection = {}, withoutKeys = false } = r;
  const { tables = [], exclude = [], schemaOnly = false, noOwner = false, noPrivileges = false } = selection;
  const isNameTaken = failure === 'TargetNotEmpty';
  return command(
    'restore',
    ...(point === undefined ? ['latest', asset === '' ? '' : `--asset ${shellWord(asset)}`] : [shellWord(`${asset}/${point}`)]),
    target === 'beside' ? '' : `--target ${target}`,
    `--to ${database === undefined || isNameTaken ? '<a new database>' : shellWord(database)}`,
    ...tables.map((table) => `--table ${shellWord(table)}`),
    ...exclude.map((table) => `--exclude ${shellWord(table)}`),
    schemaOnly ? '--schema-only' : '',
    // Without these two it would be another database, and what is half made of this one is refused.
    noOwner ? '--no-owner' : '',
    noPrivileges ? '--no-privileges' : '',
    withoutKeys ? '--without-keys' : '',
    fromOption(r.side).trim(),
  );
}
