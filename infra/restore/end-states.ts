/** How the restore machine ends. What was restored is said in each of them, so that nobody restores a second time for it. */
import type { FailureName } from '../../core/failure/classes.ts';
import type { States } from '../asl/definition.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { choose } from './block.ts';
import { ENDS } from './replace-states.ts';

export const IS_WELL = 'Decide whether all is well again';
export const DONE = 'The restore is done and its evidence is kept';
export const INCOMPLETE_EVIDENCE = 'The restore worked and its evidence is incomplete';
const NOT_PUT_BACK = 'The restore worked and not all that was stopped is put back';
const DOES_NOT_ANSWER = 'The restore worked and the application does not answer as it should';

const NOT_RESUMED: FailureName = 'NotResumed';
const CHECK_FAILED: FailureName = 'CheckFailed';

const WORKED = `'The restore worked: ' & ($action = 'restore' ? 'the point ' & $point & ' stands in ' & ($target = 'beside' ? 'the new database ' : 'the database ') & $database : 'the kept database of the run ' & $of & ' is dealt with') & '. '`;
const EVIDENCE = `' Evidence: ' & $result.evidence`;
const UNDO = `($action = 'restore' and ${orElse('$result.kept', literal(''))} != '' ? '. The old database is kept as ' & $result.kept & ': npx holdfast restore undo ' & $run & ' puts it back' : '')`;

/** `may…`: whether the machine has the states that assign what is asked here. */
export function endStates(system: string, { mayPutBack, mayProbe }: { mayPutBack: boolean; mayProbe: boolean }): States {
  const putBack = mayPutBack ? " & ($resumed.message != '' ? '. ' & $resumed.message : '')" : '';
  return {
    [IS_WELL]: choose(
      [
        ...(mayPutBack ? [{ Condition: expression('$not($resumed.complete)'), Next: NOT_PUT_BACK }] : []),
        ...(mayProbe ? [{ Condition: expression('$not($probed.passed)'), Next: DOES_NOT_ANSWER }] : []),
      ],
      DONE,
    ),
    // Failures, so that somebody looks.
    ...(mayPutBack
      ? { [NOT_PUT_BACK]: { Type: 'Fail', Error: NOT_RESUMED, Cause: asCause(`${WORKED} & $resumed.message & '.' & ${EVIDENCE}`) } }
      : {}),
    ...(mayProbe
      ? {
          [DOES_NOT_ANSWER]: {
            Type: 'Fail',
            Error: CHECK_FAILED,
            Cause: asCause(`${WORKED} & $probed.message & ${UNDO} & '.' & ${EVIDENCE}`),
          },
        }
      : {}),
    [INCOMPLETE_EVIDENCE]: {
      Type: 'Fail',
      Error: expression('$report.failure'),
      Cause: asCause(`${WORKED} & 'Its evidence is incomplete: ' & $report.message${putBack}`),
    },
    [ENDS.failed]: {
      Type: 'Fail',
      Error: expression("$first.failure != '' ? $first.failure : $report.failure"),
      Cause: asCause(
        "($first.message != '' ? $first.message : $report.message) & ($safety != '' ? '. What the database was stands in the point ' & $safety : '')" +
          putBack,
      ),
    },
    [DONE]: {
      Type: 'Succeed',
      Output: {
        system,
        action: expression('$action'),
        asset: expression('$asset'),
        point: expression('$point'),
        run: expression('$run'),
        target: expression('$target'),
        database: expression('$database'),
        kept: expression(orElse('$result.kept', literal(''))),
        safety: expression('$safety'),
        result: expression('$result.evidence'),
        remarks: expression(orElse('$check.remarks', '[]')),
      },
    },
  };
}
