/**
 * After a step that failed for good: what it has closed is opened, what had come through all the same is recorded, so that it can be
 * undone, and what was stopped is put back. The machine ends with the first failure in any case.
 */
import { RESTORE_LOOKS, RESTORE_STEPS } from '../../core/failure/steps.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { choose, type Block } from './block.ts';
import { REMEMBER } from './failed-states.ts';
import { phaseTask, type PhaseParts } from './phase-task.ts';
import { WRITE_FIELDS } from './run-fields.ts';

/** Entered after any failure of a restore that replaces something. */
export const AFTER_FAILURE = 'Decide whether something was stopped';
/** Once what was stopped is put back after a failure. */
export const AFTER_PUTTING_BACK = 'Decide whether something is recorded';

const SETTLED = 'Decide whether the databases may have changed places';
const LOOK = RESTORE_LOOKS.places;
const LOOKED = 'Decide what the failure has left';
const CHECKED = 'Decide what the failed check is of';

/**
 * @param to.goOn where a restore goes on that has come through
 * @param to.putBack what puts back after a failure; absent where nothing is stopped
 * @param to.failed the end
 */
export function aftermathBlock(
  parts: PhaseParts & { functions: { writeResult: string } },
  to: { goOn: string; putBack: string | undefined; write: string; failed: string },
): Omit<Block, 'first'> {
  const settle = { Assign: REMEMBER, Next: RESTORE_STEPS.settle };
  return {
    /** `settled`: what is not known or not open after all. `stands`: whether the point is where it was to go, although the run failed. */
    assign: { settled: '', stands: false },
    goOn: {
      // They may have closed the database to everybody: that is opened again before anything else.
      [RESTORE_STEPS.swap]: settle,
      [RESTORE_STEPS.undo]: settle,
      [RESTORE_STEPS.replace]: settle,
      [RESTORE_STEPS.settle]: { Assign: { settled: expression('$report.message') }, Next: SETTLED },
      [LOOK]: {
        Assign: {
          settled: expression(
            "($settled != '' ? $settled & '. ' : '') & 'Whether the databases changed places is not known: ' & $report.message",
          ),
        },
        Next: AFTER_FAILURE,
      },
      [RESTORE_STEPS.validate]: { Assign: REMEMBER, Next: CHECKED },
    },
    tasks: {
      [RESTORE_STEPS.settle]: phaseTask(parts, 'settle', { next: SETTLED }),
      [LOOK]: functionTask(
        parts.functions.writeResult,
        { look: true, ...WRITE_FIELDS },
        { assign: { result: expression('$states.result.Payload') }, next: LOOKED },
      ),
    },
    states: {
      // Elsewhere nothing changes places: there is one database, or none.
      [SETTLED]: choose([{ Condition: expression("$target = 'in-place'"), Next: LOOK }], AFTER_FAILURE),
      [LOOKED]: choose([{ Condition: expression("$result.kept != ''"), Assign: { stands: true }, Next: to.goOn }], AFTER_FAILURE),
      // What was replaced is gone whatever the check has found, and its record says so.
      [CHECKED]: choose([{ Condition: expression("$target in ['beside', 'in-place']"), Next: AFTER_FAILURE }], IS_REPLACED),
      [IS_REPLACED]: { Type: 'Pass', Assign: { stands: true }, Output: {}, Next: AFTER_FAILURE },
      [AFTER_FAILURE]: choose(
        to.putBack === undefined ? [] : [{ Condition: expression('$quiesced.any'), Next: to.putBack }],
        AFTER_PUTTING_BACK,
      ),
      [AFTER_PUTTING_BACK]: choose([{ Condition: expression('$stands'), Next: to.write }], to.failed),
    },
  };
}

const IS_REPLACED = 'Note that the database is replaced';
