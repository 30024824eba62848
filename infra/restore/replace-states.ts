/**
 * What a restore does that replaces a database: it is saved first; what uses it is stopped before it is touched and put back in any
 * case; and what a restore in place has kept is put back or dropped.
 *
 * In place: save, restore beside, check, stop, swap, put back. The others: stop, save, replace, check, put back.
 */
import { RESTORE_STEPS } from '../../core/failure/steps.ts';
import type { ChoiceRule, Fields, States } from '../asl/definition.ts';
import { expression, literal, orElse } from '../asl/expression.ts';
import { currentTry, MACHINE_SCOPE } from '../asl/failure-states.ts';
import { startMachine } from '../asl/start-machine.ts';
import { choose, type Block, type RestoreBlocks } from './block.ts';
import { phaseTask, type PhaseParts } from './phase-task.ts';

/** Once somebody has agreed. */
export const FIRST_STEPS = 'Decide what is asked for';
/** Once the point was restored and checked. */
export const RESTORED = 'Decide whether it takes the place of another';
export const ENDS = { failed: 'End with the failure' } as const;

const BEGIN = 'Decide whether something is replaced';
const WHAT_FIRST = 'Decide what comes first';
const STOPPED = 'Decide what may begin now';
const SAVE = 'Make a safety backup first';
const IS_SAVED = 'Decide whether the safety backup stands';
const NOT_SAVED = 'Note that there is no safety backup';
const AFTER_FAILURE = 'Decide whether something was stopped';
const PUT_BACK = 'Go on once all is as it should be';

type ReplaceParts = PhaseParts & {
  safetyBackup: { machineArn: string; longestSeconds: number };
  blocks?: RestoreBlocks;
  /** The state that writes the evidence. */
  write: string;
};

const is = (variable: string, value: string) => expression(`$${variable} = ${literal(value)}`);
/** The first failure is what the machine ends with, whatever follows from it. */
const REMEMBER: Fields = { first: expression("$first.failure = '' ? {'failure': $report.failure, 'message': $report.message} : $first") };

export function replaceStates(parts: ReplaceParts): Block & { followUps: ChoiceRule[]; endings: ChoiceRule[] } {
  const { blocks = {}, safetyBackup, write } = parts;
  const quiesce = blocks.quiesce?.({ next: STOPPED, failed: AFTER_FAILURE });
  const resume = blocks.resume?.({ next: PUT_BACK, failed: ENDS.failed });
  const probe = blocks.probe?.({ next: write, failed: ENDS.failed });
  const inner = [quiesce, resume, probe].filter((block) => block !== undefined);
  const stop = quiesce?.first ?? STOPPED;
  const putBack = resume?.first ?? PUT_BACK;
  return {
    first: BEGIN,
    followUps: [
      { Condition: is('action', 'undo'), Next: stop },
      { Condition: is('action', 'finish'), Next: RESTORE_STEPS.finish },
    ],
    assign: Object.assign({}, ...inner.map(({ assign = {} }) => assign)) as Fields,
    goOn: {
      ...(Object.assign({}, ...inner.map(({ goOn = {} }) => goOn)) as Block['goOn']),
      // It may have closed the database to everybody: that is opened again before anything else.
      [RESTORE_STEPS.swap]: { Assign: REMEMBER, Next: RESTORE_STEPS.settle },
      [RESTORE_STEPS.undo]: { Assign: REMEMBER, Next: RESTORE_STEPS.settle },
      [RESTORE_STEPS.settle]: AFTER_FAILURE,
    },
    endings: resume === undefined ? [] : [{ Condition: expression('$quiesced.any'), Assign: REMEMBER, Next: resume.afterFailure }],
    tasks: {
      [SAVE]: startMachine(
        safetyBackup.machineArn,
        { asset: expression('$asset') },
        {
          name: expression(`'before-' & $run & '-' & $string(${currentTry(MACHINE_SCOPE, SAVE)})`),
          timeoutSeconds: safetyBackup.longestSeconds,
          assign: {
            safety: expression(orElse('$states.result.Output.point', literal(''))),
            // What it took is no time of the restore's own.
            deadline: expression('$deadline + $millis() - $toMillis($states.context.State.EnteredTime)'),
          },
          next: IS_SAVED,
        },
      ),
      [RESTORE_STEPS.preflight]: phaseTask(parts, 'preflight', { next: WHAT_FIRST }),
      [RESTORE_STEPS.swap]: phaseTask(parts, 'swap', { next: putBack }),
      [RESTORE_STEPS.replace]: phaseTask(parts, 'replace', { next: RESTORE_STEPS.validate }),
      [RESTORE_STEPS.undo]: phaseTask(parts, 'undo', { next: putBack }),
      [RESTORE_STEPS.settle]: phaseTask(parts, 'settle', { next: AFTER_FAILURE }),
      [RESTORE_STEPS.finish]: phaseTask(parts, 'finish', { next: write }),
      ...Object.assign({}, ...inner.map(({ tasks }) => tasks)),
    },
    states: {
      [BEGIN]: choose([{ Condition: is('target', 'beside'), Next: RESTORE_STEPS.restore }], RESTORE_STEPS.preflight),
      [WHAT_FIRST]: choose([{ Condition: is('target', 'in-place'), Next: SAVE }], stop),
      [IS_SAVED]: {
        Type: 'Choice',
        Choices: [
          { Condition: is('safety', ''), Next: NOT_SAVED },
          { Condition: is('target', 'in-place'), Next: RESTORE_STEPS.restore },
        ],
        Default: RESTORE_STEPS.replace,
      },
      [NOT_SAVED]: {
        Type: 'Pass',
        Assign: {
          first: {
            failure: 'Unexpected',
            message: 'The safety backup made no point, so nothing was replaced. Look at the newest execution of the backup machine',
          },
        },
        Output: {},
        Next: AFTER_FAILURE,
      },
      [RESTORED]: {
        Type: 'Choice',
        Choices: [
          { Condition: is('target', 'beside'), Next: write },
          { Condition: is('target', 'in-place'), Next: stop },
        ],
        Default: putBack,
      },
      [STOPPED]: {
        Type: 'Choice',
        Choices: [
          { Condition: is('action', 'undo'), Next: RESTORE_STEPS.undo },
          { Condition: is('target', 'in-place'), Next: RESTORE_STEPS.swap },
        ],
        Default: SAVE,
      },
      [AFTER_FAILURE]: choose(
        resume === undefined ? [] : [{ Condition: expression('$quiesced.any'), Next: resume.afterFailure }],
        ENDS.failed,
      ),
      // What was not put back answers nothing: that is told instead.
      [PUT_BACK]: choose(
        probe === undefined
          ? []
          : [{ Condition: expression(`$action = 'restore'${resume === undefined ? '' : ' and $resumed.complete'}`), Next: probe.first }],
        write,
      ),
      ...(Object.assign({}, ...inner.map(({ states }) => states)) as States),
    },
  };
}
