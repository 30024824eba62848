/** How the restore machine ends. What was restored is said in each of them, so that nobody restores a second time for it. */
import type { FailureName } from '../../core/failure/classes.ts';
import type { States } from '../asl/definition.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { choose } from './block.ts';
import { ENDS } from './failed-states.ts';
import { RUN_FIELDS } from './run-fields.ts';

export const IS_WELL = 'Decide whether all is well again';
export const DONE = 'The restore is done and its evidence is kept';
export const INCOMPLETE_EVIDENCE = 'The restore worked and its evidence is incomplete';
const CAME_THROUGH = 'The point stands in the database and the run failed';
const NOT_PUT_BACK = 'The restore worked and not all that was stopped is put back';
const DOES_NOT_ANSWER = 'The restore worked and the application does not answer as it should';

const NOT_RESUMED: FailureName = 'NotResumed';
const CHECK_FAILED: FailureName = 'CheckFailed';

/** JSONata, each a sentence without its stop, or nothing. */
const FIRST = '$first.message';
const STANDS = `($action = 'restore' ? 'the point ' & $point & ' stands in ' & ($target = 'beside' ? 'the new database ' : 'the database ') & $database : 'the kept database of the run ' & $of & ' is dealt with')`;
const WORKED = `($first.failure = '' ? 'The restore worked: ' : $action = 'undo' ? 'The undo came through: ' : $target = 'in-place' ? 'The swap came through: ' : 'The database is replaced: ') & ${STANDS}`;
const UNPROVEN = `'Its evidence is incomplete: ' & $report.message`;
const EVIDENCE = `'Evidence: ' & $result.evidence`;
/** Without its record nothing can be undone by a command; the name of what was kept stands in it. */
const UNDO = `($action != 'restore' or $target != 'in-place' ? '' : $result.evidence != '' ? 'The old database is kept as ' & $result.kept & ': npx holdfast restore undo ' & $run & ' puts it back' : 'The old database is kept, closed, as ' & ($result.kept != '' ? $result.kept : $database & '_before_…') & ': npx holdfast restore undo ' & $run & ' puts it back once its record is written: docs/runbook.md, heading Evidence of a restore')`;
/** In place it is the source that was saved, and the old database that is kept. */
const SAFETY = `($safety = '' ? '' : $target = 'in-place' ? 'The safety backup is the point ' & $safety : 'What the database was stands in the point ' & $safety)`;

const say = (...sentences: string[]) => asCause(`$join([${sentences.join(', ')}][$ != ''], '. ')`);

/** `may…`: whether the machine has the states that assign what is asked here. */
export function endStates(
  system: string,
  { mayReplace, mayPutBack, mayProbe }: { mayReplace: boolean; mayPutBack: boolean; mayProbe: boolean },
): States {
  const putBack = mayPutBack ? ['$resumed.message'] : [];
  const probed = mayProbe ? ["($probed.passed ? '' : $probed.message)"] : [];
  const replaced = mayReplace ? ['$settled', UNDO] : [];
  return {
    [IS_WELL]: choose(
      [
        ...(mayReplace ? [{ Condition: expression("$first.failure != ''"), Next: CAME_THROUGH }] : []),
        ...(mayPutBack ? [{ Condition: expression('$not($resumed.complete)'), Next: NOT_PUT_BACK }] : []),
        ...(mayProbe ? [{ Condition: expression('$not($probed.passed)'), Next: DOES_NOT_ANSWER }] : []),
      ],
      DONE,
    ),
    // Failures, so that somebody looks.
    ...(mayReplace
      ? {
          [CAME_THROUGH]: {
            Type: 'Fail',
            Error: expression('$first.failure'),
            Cause: say(FIRST, WORKED, ...probed, ...putBack, ...replaced, SAFETY, EVIDENCE),
          },
        }
      : {}),
    ...(mayPutBack ? { [NOT_PUT_BACK]: { Type: 'Fail', Error: NOT_RESUMED, Cause: say(WORKED, ...putBack, ...replaced, EVIDENCE) } } : {}),
    ...(mayProbe
      ? { [DOES_NOT_ANSWER]: { Type: 'Fail', Error: CHECK_FAILED, Cause: say(WORKED, ...probed, ...replaced, SAFETY, EVIDENCE) } }
      : {}),
    [INCOMPLETE_EVIDENCE]: {
      Type: 'Fail',
      Error: expression('$report.failure'),
      Cause: say(FIRST, WORKED, UNPROVEN, ...probed, ...putBack, ...replaced, SAFETY),
    },
    [ENDS.failed]: {
      Type: 'Fail',
      Error: expression("$first.failure != '' ? $first.failure : $report.failure"),
      Cause: say(
        "($first.message != '' ? $first.message : $report.message)",
        ...(mayReplace ? ['$settled'] : []),
        SAFETY,
        ...putBack,
        `($unproven != '' ? 'Its evidence is incomplete: ' & $unproven : $begun ? ${EVIDENCE} : '')`,
      ),
    },
    [DONE]: {
      Type: 'Succeed',
      Output: {
        system,
        ...RUN_FIELDS,
        kept: expression(orElse('$result.kept', literal(''))),
        safety: expression('$safety'),
        result: expression('$result.evidence'),
        remarks: expression(orElse('$check.remarks', '[]')),
      },
    },
  };
}
