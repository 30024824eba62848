/** Asking the application, again and again until it answers as it should or its time is over. What came of it is written down in any case. */
import type { FailureName } from '../../core/failure/classes.ts';
import { PROBE } from '../../core/failure/steps.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { sharedText, sharedTexts } from '../asl/shared-texts.ts';
import { choose, type Block } from '../restore/block.ts';
import { tellOwn } from '../restore/tell-own.ts';

const SILENT: FailureName = 'CheckFailed';
const answer = '$states.result.Payload';
const OF_THE_PLAN = sharedText('$probes');

/** @param parts.probes JSON of each asset's probes and logins, as text: in a definition a brace in it could be read as an expression */
export const probeBlock = (
  parts: { function: string; probes: Record<string, string> },
  { next, reportFailure }: { next: string; reportFailure: string },
): Block => ({
  first: PROBE.begin,
  assign: {
    probes: sharedTexts(parts.probes),
    probing: { done: false, waitSeconds: 0, since: '', results: [] },
    probed: { passed: true, message: '' },
  },
  tasks: {
    [PROBE.ask]: functionTask(
      parts.function,
      {
        asset: expression('$asset'),
        run: expression('$run'),
        probes: expression(OF_THE_PLAN),
        since: expression('$probing.since'),
        results: expression('[$probing.results]'),
      },
      {
        assign: {
          probing: expression(
            `{'done': ${answer}.done, 'waitSeconds': ${answer}.waitSeconds, 'since': ${answer}.since, 'results': [${answer}.results]}`,
          ),
          probed: expression(`{'passed': ${answer}.passed, 'message': ${answer}.message}`),
        },
        next: 'Decide whether the application answers',
      },
    ),
  },
  // The database was replaced, and its evidence has to say so: that nobody could ask is told at the end.
  goOn: {
    [PROBE.ask]: { Assign: { probed: expression("{'passed': false, 'message': $report.message}") }, Next: next },
  },
  states: {
    [PROBE.begin]: choose([{ Condition: expression(`$exists(${OF_THE_PLAN})`), Next: PROBE.ask }], next),
    'Decide whether the application answers': {
      Type: 'Choice',
      Choices: [
        { Condition: expression('$probing.done and $not($probed.passed)'), Next: PROBE.see },
        { Condition: expression('$probing.done'), Next: next },
      ],
      Default: PROBE.wait,
    },
    [PROBE.see]: tellOwn(reportFailure, { step: PROBE.see, failure: SILENT, why: '$probed.message' }, { next }),
    [PROBE.wait]: { Type: 'Wait', Seconds: expression('$probing.waitSeconds'), Next: PROBE.ask },
  },
});
