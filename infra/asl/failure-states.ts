/**
 * What every workflow does when a step fails: tell `backup/report-failure`, which says whether to try the step again, how long to
 * wait and what to tell a person; then wait and try again, or end with the class of the failure and the message.
 */
import type { Stage } from '../../core/names.ts';
import type { Catcher, ChoiceRule, Fields, MapState, States, TaskState } from './definition.ts';
import { asCause, expression, literal, orElse } from './expression.ts';
import { functionTask } from './function-task.ts';

export type Steps = { [name: string]: TaskState | MapState };

/** Where the states stand. Inside a Map neither a variable nor a state may have the name of one outside. */
export type Scope = {
  /** Ends every state's name. */
  suffix: string;
  /** JSONata variable names, without `$`. */
  failedStep: string;
  tries: string;
  error: string;
  report: string;
  /** JSONata of what the failure is about. */
  asset: string;
  point?: string;
  run?: string;
  /** What else the report is told, each a JSONata; left out where it is empty. */
  more?: Record<string, string>;
};

export const MACHINE_SCOPE: Scope = {
  suffix: '',
  failedStep: 'failedStep',
  tries: 'tries',
  error: 'error',
  report: 'report',
  asset: '$asset',
  point: '$point',
  run: '$run',
};

/** Variables before anything failed: an expression that reads a variable never assigned fails the state. */
export const nothingFailed = (scope: Scope): Fields => ({
  [scope.failedStep]: '',
  [scope.tries]: 0,
  [scope.error]: { Error: '', Cause: '' },
  [scope.report]: { failure: '', retry: false, waitSeconds: 0, message: '' },
});

/**
 * JSONata: the number of the try that `step` is at. A step that has worked forgets what failed: what is asked again and again for a day
 * may fail now and then, and what counts are failures in a row.
 */
export const currentTry = (scope: Scope, step: string) => `($${scope.failedStep} = ${literal(step)} ? $${scope.tries} + 1 : 1)`;

export type FailureParts = {
  stage: Stage;
  reportFailure: string;
  scope?: Scope;
  /** Where a step leads that failed for good, where that is not the end: a drill is judged whatever became of its task. */
  goOn?: Record<string, ChoiceRule['Next'] | Omit<ChoiceRule, 'Condition'>>;
  /** Where a failure for good leads in certain circumstances, whichever step it was of; what `goOn` says of a step comes first. */
  endings?: readonly ChoiceRule[];
  /** The state that a failure ends in, when it is not the Fail state made here. */
  end?: string;
};

/** `steps`, each with its Catch (behind those of its own, for what is no failure) and forgetting what failed once it has worked, and the states that they share. */
export function withFailureStates(parts: FailureParts, steps: Steps): States {
  const scope = parts.scope ?? MACHINE_SCOPE;
  const named = (sentence: string) => `${sentence}${scope.suffix}`;
  const report = named('Report the failure');
  const decide = named('Decide whether to try again');
  const wait = named('Wait before the next try');
  const goBack = named('Go back to the step that failed');
  const end = parts.end ?? named('End with the failure');
  const isStep = (name: string) => expression(`$${scope.failedStep} = ${literal(name)}`);

  const caught: States = {};
  for (const [name, step] of Object.entries(steps))
    caught[name] = {
      ...step,
      Assign: { ...step.Assign, [scope.failedStep]: '' },
      Catch: [...(step.Catch ?? []), catchInto(report, scope, name)],
    };
  const goOn = Object.entries(parts.goOn ?? {}).map(([name, rule]) => ({
    Condition: isStep(name),
    ...(typeof rule === 'string' ? { Next: rule } : rule),
  }));

  return {
    ...caught,
    [report]: {
      ...functionTask(parts.reportFailure, reportRequest(parts.stage, scope), { assign: { [scope.report]: reportAnswer }, next: decide }),
      // The report is for people; without it the machine still ends with what went wrong in the first place.
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { [scope.report]: unreported(scope) }, Output: {}, Next: decide }],
    },
    [decide]: {
      Type: 'Choice',
      Choices: [{ Condition: expression(`$${scope.report}.retry`), Next: wait }, ...goOn, ...(parts.endings ?? [])],
      Default: end,
    },
    [wait]: { Type: 'Wait', Seconds: expression(`$${scope.report}.waitSeconds`), Next: goBack },
    [goBack]: { Type: 'Choice', Choices: Object.keys(steps).map((name) => ({ Condition: isStep(name), Next: name })), Default: end },
    ...(parts.end === undefined
      ? { [end]: { Type: 'Fail', Error: expression(`$${scope.report}.failure`), Cause: asCause(`$${scope.report}.message`) } }
      : {}),
  };
}

const catchInto = (next: string, scope: Scope, step: string): Catcher => ({
  ErrorEquals: ['States.ALL'],
  Assign: {
    [scope.failedStep]: step,
    [scope.tries]: expression(currentTry(scope, step)),
    [scope.error]: {
      Error: expression(orElse('$states.errorOutput.Error', literal('Unknown'))),
      Cause: expression(`$string(${orElse('$states.errorOutput.Cause', literal(''))})`),
    },
  },
  Output: {},
  Next: next,
});

/** One expression: JSONata leaves out a field without a value, a payload of expressions per field would fail on it. */
const reportRequest = (stage: Stage, scope: Scope) => {
  const optional = (name: string, jsonata: string | undefined) =>
    jsonata === undefined ? [] : [`'${name}': ${jsonata} != '' ? ${jsonata}`];
  const fields = [
    `'stage': ${literal(stage)}`,
    `'step': $${scope.failedStep}`,
    `'asset': ${scope.asset}`,
    `'execution': $execution`,
    `'tries': $${scope.tries}`,
    `'error': $${scope.error}`,
    ...optional('point', scope.point),
    ...optional('run', scope.run),
    ...Object.entries(scope.more ?? {}).flatMap(([name, jsonata]) => optional(name, jsonata)),
  ];
  return expression(`{${fields.join(', ')}}`);
};

const answer = '$states.result.Payload';
const reportAnswer: Fields = {
  failure: expression(orElse(`${answer}.failure`, literal('Unexpected'))),
  retry: expression(`${answer}.retry = true`),
  waitSeconds: expression(orElse(`${answer}.waitSeconds`, '60')),
  message: expression(orElse(`${answer}.message`, literal('The failure was reported without a message'))),
};

const unreported = (scope: Scope): Fields => ({
  failure: expression(`$${scope.error}.Error`),
  retry: false,
  waitSeconds: 0,
  message: expression(
    `$${scope.failedStep} & ' failed with ' & $${scope.error}.Error & ', and nobody could be told: ' & $${scope.error}.Cause`,
  ),
});

/**
 * Tells of an end that no step failed for: what the machine itself found out. It is in the cause of the failure whether or not the
 * message went out.
 * @param told JSONata of the asset and the cause; `more` is left out where it is empty
 */
export const tellOfEnd = (
  parts: { stage: Stage; reportFailure: string; step: string; next: string },
  told: { asset: string; error: string; cause: string; more?: Record<string, string> },
): TaskState => ({
  ...functionTask(
    parts.reportFailure,
    expression(
      `{${[
        `'stage': ${literal(parts.stage)}, 'step': ${literal(parts.step)}, 'asset': ${told.asset}, 'execution': $execution, 'tries': 1`,
        ...Object.entries(told.more ?? {}).map(([name, jsonata]) => `'${name}': ${jsonata} != '' ? ${jsonata}`),
        `'error': {'Error': ${told.error}, 'Cause': ${told.cause}}`,
      ].join(', ')}}`,
    ),
    { next: parts.next },
  ),
  Catch: [{ ErrorEquals: ['States.ALL'], Output: {}, Next: parts.next }],
});
