/**
 * Stopping what uses a database, and putting it back: one step of the plan after the other. What is stopped stands in the run's working
 * papers in the vault; the machine's own variables say only which step it is at.
 */
import type { FailureName } from '../../core/failure/classes.ts';
import { QUIESCE, RESUME } from '../../core/failure/steps.ts';
import type { Fields } from '../asl/definition.ts';
import { asCause, expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { sharedText, sharedTexts } from '../asl/shared-texts.ts';
import type { Block } from '../restore/block.ts';
import { tellOwn } from '../restore/tell-own.ts';

const NOT_RESUMED: FailureName = 'NotResumed';
const answer = '$states.result.Payload';
const FRESH: Fields = { number: 0, progress: {}, told: false, stopped: false, waitSeconds: 0 };

/** The plan's steps by asset, as text: in a definition a brace in a text could be read as an expression. */
const OF_THE_PLAN = sharedText('$stops');
const ofStep: Fields = {
  asset: expression('$asset'),
  run: expression('$run'),
  execution: expression('$execution'),
  quiesce: expression(OF_THE_PLAN),
  number: expression('$stopping.number'),
  progress: expression('$stopping.progress'),
};
/** Seconds since the step was entered first. */
const since = (variable: string) => `$round(($millis() - ${variable}) / 1000)`;

/**
 * @param parts.functions ARNs; they may be CDK tokens
 * @param parts.stops JSON of each asset's `restore.quiesce`
 */
export function quiesceBlock(
  parts: { functions: { stop: string; check: string }; stops: Record<string, string> },
  { next }: { next: string },
): Block {
  const { functions, stops } = parts;
  return {
    first: QUIESCE.begin,
    assign: { stops: sharedTexts(stops), stopping: FRESH, stoppingSince: 0, quiesced: { any: false, seconds: 0 } },
    tasks: {
      [QUIESCE.stop]: functionTask(functions.stop, ofStep, {
        assign: {
          stopping: expression(
            `$merge([$stopping, {'told': ${answer}.told, 'progress': ${answer}.progress, 'waitSeconds': ${answer}.waitSeconds}])`,
          ),
        },
        next: 'Decide whether all of it was told to stop',
      }),
      [QUIESCE.check]: functionTask(functions.check, ofStep, {
        assign: {
          stopping: expression(
            `{'number': ${answer}.next, 'told': false, 'stopped': ${answer}.stopped, 'progress': ${answer}.progress, 'waitSeconds': ${answer}.waitSeconds}`,
          ),
        },
        next: 'Decide whether it has stopped',
      }),
    },
    states: {
      [QUIESCE.begin]: {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression(`$exists(${OF_THE_PLAN})`),
            // From here on something may have been stopped, whatever fails next.
            Assign: { stopping: FRESH, stoppingSince: expression('$millis()'), quiesced: { any: true, seconds: 0 } },
            Next: QUIESCE.stop,
          },
        ],
        Default: next,
      },
      'Decide whether all of it was told to stop': {
        Type: 'Choice',
        Choices: [{ Condition: expression('$stopping.told'), Next: 'Wait until it has stopped' }],
        Default: 'Wait until it is known what runs',
      },
      'Wait until it is known what runs': { Type: 'Wait', Seconds: expression('$stopping.waitSeconds'), Next: QUIESCE.stop },
      'Wait until it has stopped': { Type: 'Wait', Seconds: expression('$stopping.waitSeconds'), Next: QUIESCE.check },
      'Decide whether it has stopped': {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression('$stopping.stopped and $stopping.number < 0'),
            Assign: {
              quiesced: expression(`{'any': true, 'seconds': ${since('$stoppingSince')}}`),
              // Who was waited for has not taken it from what is restored then.
              deadline: expression('$deadline + $millis() - $stoppingSince'),
            },
            Next: next,
          },
          { Condition: expression('$stopping.stopped'), Next: QUIESCE.stop },
        ],
        Default: 'Wait until it has stopped',
      },
    },
  };
}

/** @param to.failed where a restore ends that has failed */
export function resumeBlock(
  parts: { functions: { start: string } },
  { next, failed, reportFailure }: { next: string; failed: string; reportFailure: string },
): Block & { afterFailure: string } {
  const begin = (isFailed: boolean): Fields => ({
    resuming: { failed: isFailed, done: false, progress: {}, waitSeconds: 0 },
    resumingSince: expression('$millis()'),
  });
  return {
    first: RESUME.afterSuccess,
    afterFailure: RESUME.afterFailure,
    assign: {
      resuming: { failed: false, done: false, progress: {}, waitSeconds: 0 },
      resumingSince: 0,
      resumed: { complete: true, message: '', seconds: 0 },
      byHand: false,
    },
    tasks: {
      [RESUME.start]: functionTask(
        parts.functions.start,
        {
          asset: expression('$asset'),
          run: expression('$run'),
          execution: expression('$execution'),
          failed: expression('$resuming.failed'),
          byHand: expression('$byHand'),
          progress: expression('$resuming.progress'),
        },
        {
          assign: {
            resuming: expression(
              `$merge([$resuming, {'done': ${answer}.done, 'progress': ${answer}.progress, 'waitSeconds': ${answer}.waitSeconds}])`,
            ),
            resumed: expression(`{'complete': ${answer}.complete, 'message': ${answer}.message, 'seconds': ${since('$resumingSince')}}`),
          },
          next: 'Decide whether all is put back',
        },
      ),
    },
    // What was found out last stands in the report: that nothing more was put back must not hide what failed before.
    goOn: {
      [RESUME.start]: {
        Assign: {
          resumed: expression(
            `{'complete': false, 'seconds': ${since('$resumingSince')}, 'message': 'What was stopped is not put back: ' & $report.message & '. Once that is put right: npx holdfast restore resume ' & $run}`,
          ),
        },
        Next: 'Decide where a restore goes on',
      },
    },
    states: {
      [RESUME.afterSuccess]: {
        Type: 'Choice',
        Choices: [{ Condition: expression('$quiesced.any'), Assign: begin(false), Next: RESUME.start }],
        Default: next,
      },
      [RESUME.afterFailure]: { Type: 'Pass', Assign: begin(true), Output: {}, Next: RESUME.start },
      [RESUME.byHand]: { Type: 'Pass', Assign: { ...begin(false), byHand: true }, Output: {}, Next: RESUME.start },
      'Decide whether all is put back': {
        Type: 'Choice',
        Choices: [
          { Condition: expression('$resuming.done and $not($resumed.complete)'), Next: RESUME.see },
          { Condition: expression('$resuming.done'), Next: 'Decide where a restore goes on' },
          { Condition: expression('$resuming.waitSeconds = 0'), Next: RESUME.start },
        ],
        Default: 'Wait until it runs again',
      },
      // Whatever became of the restore: somebody has to look.
      [RESUME.see]: tellOwn(
        reportFailure,
        { step: RESUME.see, failure: NOT_RESUMED, why: '$resumed.message' },
        { next: 'Decide where a restore goes on' },
      ),
      'Wait until it runs again': { Type: 'Wait', Seconds: expression('$resuming.waitSeconds'), Next: RESUME.start },
      'Decide where a restore goes on': {
        Type: 'Choice',
        Choices: [
          { Condition: expression('$byHand'), Next: 'Decide whether everything runs again' },
          { Condition: expression('$resuming.failed'), Next: failed },
        ],
        Default: next,
      },
      'Decide whether everything runs again': {
        Type: 'Choice',
        Choices: [{ Condition: expression('$resumed.complete'), Next: 'What was stopped is put back' }],
        Default: 'Something that was stopped is not put back',
      },
      'Something that was stopped is not put back': { Type: 'Fail', Error: NOT_RESUMED, Cause: asCause('$resumed.message') },
      'What was stopped is put back': {
        Type: 'Succeed',
        Output: { asset: expression('$asset'), run: expression('$run'), message: expression('$resumed.message') },
      },
    },
  };
}
