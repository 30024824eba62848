/** A scenario of several assets: the machine runs itself once for each, side by side, and then judges what they left as one. */
import { expression, orElse } from '../asl/expression.ts';
import type { State, States, TaskState } from '../asl/definition.ts';
import { functionTask } from '../asl/function-task.ts';
import { startMachine } from '../asl/start-machine.ts';

export const SEVERAL = 'Decide whether it is about several assets';
const DRILL_EACH = 'Drill each asset of the scenario';
const DRILLED = 'The asset was drilled';
export const JUDGE_SCENARIO = 'Judge the scenario';
export const SCENARIO_PASSED = 'The scenario is passed';

/** What judging takes beyond the longest of the drills. */
export const SCENARIO_ALLOWANCE_SECONDS = 3600;

/** Fargate starts more at once; what is shared by the tasks is the way to S3. */
const AT_ONCE = 10;

export type ScenarioParts = {
  /** The drill machine itself. */
  machineArn: string;
  judgeScenario: string;
  longestSeconds: number;
};

/** Asked for by its name alone: with an asset it is the drill of that one. */
const IS_SEVERAL = expression(
  `$type($request.scenario) = 'string' and $not($exists($request.asset)) and $count($lookup($scenarios, $request.scenario).assets) > 1`,
);

/** Variables that these states set, and what they are in any other drill. */
export const OF_ONE_ASSET = { several: false, drills: [] };

/** JSONata. A drill that failed says so in what the service answers; one that did not start, or was cut off, has told nobody. */
const IS_UNTOLD = `$exists(cause) and ($not($contains(cause, 'ExecutionArn')) or $contains(cause, /"(TIMED_OUT|ABORTED)"/))`;

export function severalStates({ machineArn, longestSeconds }: ScenarioParts, next: string): States {
  const drillOne: TaskState = {
    ...startMachine(
      machineArn,
      expression(
        `$merge([{'asset': $states.input, 'scenario': $request.scenario}, $exists($request.from) ? {'from': $request.from} : {}])`,
      ),
      {
        // One execution however often the service is asked, and another one for each run of the scenario.
        name: expression(`$substring($split($execution, ':')[-1], 0, 40) & '-' & $substring($states.input, 0, 39)`),
        timeoutSeconds: longestSeconds,
        next: DRILLED,
      },
    ),
    Output: expression(
      `{'asset': $states.input, 'ended': {'ExecutionArn': $states.result.ExecutionArn, 'StartDate': $states.result.StartDate}}`,
    ),
    // A drill that is not passed fails; the others go on, and its evidence says what it was.
    Catch: [
      {
        ErrorEquals: ['States.ALL'],
        Output: expression(`{'asset': $states.input, 'cause': ${orElse('$states.errorOutput.Cause', '$states.errorOutput.Error')}}`),
        Next: DRILLED,
      },
    ],
  };
  return {
    [SEVERAL]: { Type: 'Choice', Choices: [{ Condition: IS_SEVERAL, Next: DRILL_EACH }], Default: next },
    [DRILL_EACH]: {
      Type: 'Map',
      Items: expression('$lookup($scenarios, $request.scenario).assets'),
      MaxConcurrency: AT_ONCE,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Drill the asset',
        States: { 'Drill the asset': drillOne, [DRILLED]: { Type: 'Succeed' } },
      },
      Assign: {
        several: true,
        // Whoever is to know of a drill was told by that drill, if it came to its own end.
        told: expression(`$count($states.result[${IS_UNTOLD}]) = 0`),
        drills: expression('$states.result'),
        asset: expression(`'the scenario ' & $request.scenario`),
      },
      Output: {},
      Next: JUDGE_SCENARIO,
    },
  };
}

export const judgeScenarioTask = (system: string, { judgeScenario }: ScenarioParts, next: string): TaskState =>
  functionTask(
    judgeScenario,
    {
      system,
      scenario: expression('$request.scenario'),
      execution: expression('$execution'),
      startedAt: expression('$startedAt'),
      drills: expression('$drills'),
    },
    { assign: { verdict: expression('$states.result.Payload'), run: expression('$states.result.Payload.run') }, next },
  );

export const scenarioPassed = (system: string): State => ({
  Type: 'Succeed',
  Output: {
    outcome: 'passed',
    system,
    scenario: expression('$request.scenario'),
    run: expression('$run'),
    evidence: expression('$verdict.evidence'),
    assets: expression('$append([], $drills.asset)'),
  },
});
