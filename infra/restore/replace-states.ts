/**
 * What a restore does that replaces a database: it is saved first; what uses it is stopped before it is touched and put back in any
 * case; and what a restore in place has kept is put back or dropped.
 *
 * In place: save, restore beside, check, stop, swap, put back. The others: stop, mark, save, replace, check, put back. Where one of those
 * was dropped by an earlier run, that run's safety backup has it, and what is half made is not saved over it.
 */
import { BEFORE_REPLACING, RESTORE_LOOKS, RESTORE_STEPS } from '../../core/failure/steps.ts';
import type { ChoiceRule, Fields, States } from '../asl/definition.ts';
import { expression, literal, orElse } from '../asl/expression.ts';
import { currentTry, MACHINE_SCOPE } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { startMachine } from '../asl/start-machine.ts';
import { AFTER_FAILURE, AFTER_PUTTING_BACK, aftermathBlock } from './aftermath-states.ts';
import { FAILED, REMEMBER } from './failed-states.ts';
import { refuseToReplace } from './refuse-states.ts';
import { choose, type Block, type RestoreBlocks } from './block.ts';
import { phaseTask, type PhaseParts } from './phase-task.ts';

/** Once somebody has agreed. */
export const FIRST_STEPS = 'Decide what is asked for';
/** Once the point was restored and checked. */
export const RESTORED = 'Decide whether it takes the place of another';

const BEGIN = 'Decide whether something is replaced';
const WHAT_FIRST = 'Decide what comes first';
const STOPPED = 'Decide what may begin now';
const FIND_SAFETY = RESTORE_LOOKS.safety;
const TO_BE_SAVED = 'Decide whether there is anything to save';
const IS_SAVED = 'Decide whether the safety backup stands';
/** Where a restore goes on that replaces a database for good. */
const HAS_TIME = 'Decide whether there is time to replace it';
const { save: SAVE, saved: NOT_SAVED, time: TOO_LATE } = BEFORE_REPLACING;
const PUT_BACK = 'Go on once all is as it should be';

/** `find`: ARN of the function that knows of an earlier one. */
export type SafetyBackup = { machineArn: string; longestSeconds: number; find: string };

type ReplaceParts = PhaseParts & {
  functions: { writeResult: string; reportFailure: string };
  safetyBackup: SafetyBackup;
  blocks?: RestoreBlocks;
  /** The state that writes the evidence. */
  write: string;
};

const is = (variable: string, value: string) => expression(`$${variable} = ${literal(value)}`);
/** Milliseconds that the safety backup took. */
const SAVING = '$millis() - $toMillis($states.context.State.EnteredTime)';
/** What is dropped before it is made anew is not begun when it would be cut off by the time: half of what the plan gives is left. */
const ENOUGH_TIME = '$deadline - $millis() >= 500 * $longestSeconds';

export function replaceStates(parts: ReplaceParts): Block & { followUps: ChoiceRule[]; endings: ChoiceRule[] } {
  const { blocks = {}, safetyBackup, write } = parts;
  const quiesce = blocks.quiesce?.({ next: STOPPED, failed: AFTER_FAILURE });
  const resume = blocks.resume?.({ next: PUT_BACK, failed: AFTER_PUTTING_BACK, reportFailure: parts.functions.reportFailure });
  const probe = blocks.probe?.({ next: write, failed: FAILED, reportFailure: parts.functions.reportFailure });
  const stop = quiesce?.first ?? STOPPED;
  const putBack = resume?.first ?? PUT_BACK;
  const aftermath = aftermathBlock(parts, { goOn: putBack, putBack: resume?.afterFailure, write, failed: FAILED });
  const inner = [quiesce, resume, probe, aftermath].filter((block) => block !== undefined);
  return {
    first: BEGIN,
    followUps: [
      { Condition: is('action', 'undo'), Next: stop },
      { Condition: is('action', 'finish'), Next: RESTORE_STEPS.finish },
    ],
    assign: Object.assign({ saved: false, safetySeconds: 0 }, ...inner.map(({ assign = {} }) => assign)) as Fields,
    goOn: Object.assign({}, ...inner.map(({ goOn = {} }) => goOn)) as NonNullable<Block['goOn']>,
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
            deadline: expression(`$deadline + ${SAVING}`),
            safetySeconds: expression(`$round((${SAVING}) / 1000)`),
          },
          next: IS_SAVED,
        },
      ),
      [RESTORE_STEPS.preflight]: phaseTask(parts, 'preflight', { next: WHAT_FIRST }),
      [RESTORE_STEPS.prepare]: phaseTask(parts, 'prepare', { next: FIND_SAFETY }),
      [FIND_SAFETY]: functionTask(
        safetyBackup.find,
        { asset: expression('$asset'), run: expression('$run') },
        {
          assign: { saved: expression('$states.result.Payload.isSaved'), safety: expression('$states.result.Payload.safety') },
          next: TO_BE_SAVED,
        },
      ),
      [RESTORE_STEPS.swap]: phaseTask(parts, 'swap', { next: putBack }),
      [RESTORE_STEPS.replace]: phaseTask(parts, 'replace', { next: RESTORE_STEPS.validate }),
      [RESTORE_STEPS.undo]: phaseTask(parts, 'undo', { next: putBack }),
      [RESTORE_STEPS.finish]: phaseTask(parts, 'finish', { next: write }),
      ...Object.assign({}, ...inner.map(({ tasks }) => tasks)),
    },
    states: {
      [BEGIN]: choose([{ Condition: is('target', 'beside'), Next: RESTORE_STEPS.restore }], RESTORE_STEPS.preflight),
      [WHAT_FIRST]: choose(
        [
          { Condition: is('target', 'in-place'), Next: SAVE },
          // Nothing is stopped for it either.
          { Condition: expression(`$not(${ENOUGH_TIME})`), Next: TOO_LATE },
        ],
        stop,
      ),
      [TO_BE_SAVED]: choose([{ Condition: expression('$saved'), Next: HAS_TIME }], SAVE),
      [IS_SAVED]: {
        Type: 'Choice',
        Choices: [
          { Condition: is('safety', ''), Next: NOT_SAVED },
          { Condition: is('target', 'in-place'), Next: RESTORE_STEPS.restore },
        ],
        Default: HAS_TIME,
      },
      [HAS_TIME]: { Type: 'Choice', Choices: [{ Condition: expression(ENOUGH_TIME), Next: RESTORE_STEPS.replace }], Default: TOO_LATE },
      [TOO_LATE]: refuseToReplace(parts.functions.reportFailure, TOO_LATE, 'TooLittleTime', AFTER_FAILURE),
      [NOT_SAVED]: refuseToReplace(parts.functions.reportFailure, NOT_SAVED, 'NotSaved', AFTER_FAILURE),
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
        Default: RESTORE_STEPS.prepare,
      },
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
