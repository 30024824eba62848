/** The drill machine: a point is restored into a throwaway database and judged; the verdict is signed, locked and copied. */
import type { DrillScenarios, Objectives } from '../../core/drill/contract.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { RETRIEVAL, stepOfTask } from '../../core/failure/steps.ts';
import type { FailState, StateMachineDefinition, TaskState } from '../asl/definition.ts';
import { deadlineOf, machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { MACHINE_SCOPE, currentTry, tellOfEnd, withFailureStates } from '../asl/failure-states.ts';
import { fargateTask } from '../asl/fargate-task.ts';
import type { TaskNetwork } from '../asl/fargate-task.ts';
import { functionTask } from '../asl/function-task.ts';
import { askForData, NOT_RETRIEVED, RETRIEVAL_ALLOWANCE_SECONDS, retrievalStates } from '../asl/retrieval-states.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';

import {
  JUDGE_SCENARIO,
  judgeScenarioTask,
  OF_ONE_ASSET,
  SCENARIO_ALLOWANCE_SECONDS,
  SCENARIO_PASSED,
  scenarioPassed,
  SEVERAL,
  severalStates,
  type ScenarioParts,
} from './scenario-states.ts';

export type DrillWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. */
  functions: {
    choosePoint: string;
    retrievePoint: string;
    judgeDrill: string;
    signObjects: string;
    lockObjects: string;
    /** Absent where the evidence is written to the replica itself. */
    copyRecords?: string;
    reportFailure: string;
  };
  /** ARN of the cluster. */
  cluster: string;
  drillNetwork: TaskNetwork;
  /** Seconds of the plan's `drill.schedule.longestRun`, by asset. */
  longestRuns: LongestRuns;
  /** By asset. */
  objectives: Record<string, Objectives>;
  /** Those of the plan, by name. */
  scenarios?: DrillScenarios;
  /** Where the plan has a scenario of several assets. */
  several?: Omit<ScenarioParts, 'longestSeconds'>;
};

/** How a drill that is not passed ends: one that could not run has an error of its own, and never counts as a pass. */
const FAILED: FailureName = 'CheckFailed';
const COULD_NOT_RUN: FailureName = 'DrillCouldNotRun';
/** Why it could not run, when it was not even started. */
const NO_POINT: FailureName = 'PointMissing';

const RESTORE = stepOfTask('drill');
const CHOOSE = 'Choose the point';
const JUDGE = 'Judge the drill';
const SIGN = 'Sign the evidence';
const TELL = 'Tell how the drill ended';
const COPY = 'Copy the records';
const DECIDE = 'Decide how the drill ended';
const SAY = 'Say whether it failed or could not run';

const optional = (name: string, jsonata: string) => `'${name}': ${jsonata} != '' ? ${jsonata}`;

/** One expression, so that what is not known is left out. */
const judgeRequest = (system: string) =>
  expression(
    `{${[
      `'system': ${literal(system)}`,
      `'asset': $asset, 'run': $run, 'execution': $execution, 'startedAt': $startedAt`,
      `'objectives': $lookup($objectives, $asset)`,
      optional('point', '$point'),
      optional('from', '$from'),
      optional('scenario', '$scenario'),
      optional('damagedAt', '$damagedAt'),
      `'isNewest': $isNewest`,
      optional('reason', '$reason'),
      `'error': $taskError.Error != '' ? $taskError`,
      `'retrievalSeconds': $retrieval.seconds > 0 ? $retrieval.seconds`,
    ].join(', ')}}`,
  );

/** There is a verdict, and evidence of it, whatever became of the drill. */
const judgeAllTheSame = {
  Assign: { told: true, taskError: expression('$error'), reason: expression('$report.message') },
  Next: JUDGE,
};

/** JSONata. What was asked for, which is known before any point is. */
const PLAYED = "($type($request.scenario) = 'string' ? $request.scenario : '')";
/** JSONata. Of several assets none is named: the scenario is. */
const assetOf = (mayBeSeveral: boolean) => (mayBeSeveral ? "($several ? '' : $asset)" : '$asset');

const reasons = `$join([$verdict.reasons], '; ')`;

/** Of several assets each drill tells of its own; one that did not even start tells nobody. */
const tellVerdict = (reportFailure: string, mayBeSeveral: boolean): TaskState => {
  const couldNotRun = `(${mayBeSeveral ? '$several or ' : ''}$found ? '${COULD_NOT_RUN}' : '${NO_POINT}')`;
  return tellOfEnd(
    { stage: 'drill', reportFailure, step: JUDGE, next: SAY },
    {
      asset: assetOf(mayBeSeveral),
      error: `$verdict.outcome = 'failed' ? '${FAILED}' : ${couldNotRun}`,
      cause: reasons,
      more: { run: '$run', point: '$point', scenario: PLAYED },
    },
  );
};

const endAs = (error: string, sentence: string): FailState => ({
  Type: 'Fail',
  Error: error,
  Cause: asCause(`${literal(sentence)} & $asset & ': ' & ${reasons} & ' (evidence: ' & $verdict.evidence & ')'`),
});

export const drillWorkflow = (parts: DrillWorkflowParts): StateMachineDefinition => {
  const { system, functions } = parts;
  /** The verdict and whatever else the judge names; each is locked and copied with its signature. */
  const records = expression('$distinct($append([$verdict.keys], [$verdict.evidence]))');
  const answer = '$states.result.Payload';
  const longestSeconds = machineTimeoutSeconds(parts.longestRuns) + RETRIEVAL_ALLOWANCE_SECONDS;
  const several = parts.several && { ...parts.several, longestSeconds };
  return {
    Comment: `Restores one point of ${system} into a throwaway database and judges it`,
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: longestSeconds + (several ? SCENARIO_ALLOWANCE_SECONDS : 0),
    States: {
      [TAKE_REQUEST]: takeRequest({
        longestRuns: parts.longestRuns,
        askedFor: 'asset',
        assign: {
          found: false,
          from: '',
          reason: '',
          taskError: { Error: '', Cause: '' },
          told: false,
          verdict: {},
          objectives: parts.objectives,
          scenario: '',
          isNewest: false,
          damagedAt: '',
          scenarios: parts.scenarios ?? {},
          ...(several ? OF_ONE_ASSET : {}),
          ...NOT_RETRIEVED,
        },
        next: several ? SEVERAL : CHOOSE,
      }),
      ...(several ? severalStates(several, CHOOSE) : {}),
      'Decide whether there is a point to drill': {
        Type: 'Choice',
        Choices: [{ Condition: expression('$found'), Next: RETRIEVAL.ask }],
        Default: JUDGE,
      },
      ...retrievalStates(RESTORE),
      ...withFailureStates(
        {
          stage: 'drill',
          scope: { ...MACHINE_SCOPE, asset: assetOf(several !== undefined), more: { scenario: PLAYED } },
          reportFailure: functions.reportFailure,
          goOn: { [RETRIEVAL.ask]: judgeAllTheSame, [RESTORE]: judgeAllTheSame },
        },
        {
          [CHOOSE]: functionTask(
            functions.choosePoint,
            { ...REQUEST_PAYLOAD, scenarios: expression('$scenarios') },
            {
              assign: {
                found: expression(`${answer}.found = true`),
                asset: expression(orElse(`${answer}.asset`, '$asset')),
                run: expression(orElse(`${answer}.run`, "''")),
                point: expression(orElse(`${answer}.point`, "''")),
                from: expression(orElse(`${answer}.from`, "''")),
                scenario: expression(orElse(`${answer}.scenario`, "''")),
                isNewest: expression(`${answer}.isNewest = true`),
                damagedAt: expression(orElse(`${answer}.damagedAt`, "''")),
                reason: expression(orElse(`${answer}.reason`, "''")),
                taskError: expression(orElse(`${answer}.error`, "{'Error': '', 'Cause': ''}")),
                deadline: expression(deadlineOf(parts.longestRuns, `${answer}.asset`)),
              },
              next: 'Decide whether there is a point to drill',
            },
          ),
          [RETRIEVAL.ask]: askForData(functions.retrievePoint),
          [RESTORE]: fargateTask({
            system,
            task: 'drill',
            cluster: parts.cluster,
            network: parts.drillNetwork,
            environment: { POINT: '$point', RUN: '$run', SCENARIO: '$scenario', TRY: currentTry(MACHINE_SCOPE, RESTORE) },
            next: JUDGE,
          }),
          [JUDGE]: functionTask(functions.judgeDrill, judgeRequest(system), {
            assign: { verdict: expression(answer) },
            next: SIGN,
          }),
          ...(several ? { [JUDGE_SCENARIO]: judgeScenarioTask(system, several, SIGN) } : {}),
          [SIGN]: functionTask(functions.signObjects, { keys: records }, { next: 'Lock the evidence' }),
          'Lock the evidence': functionTask(
            functions.lockObjects,
            { keys: records },
            { next: functions.copyRecords === undefined ? DECIDE : COPY },
          ),
          ...(functions.copyRecords === undefined
            ? {}
            : { [COPY]: functionTask(functions.copyRecords, { keys: records }, { next: DECIDE }) }),
        },
      ),
      [DECIDE]: {
        Type: 'Choice',
        Choices: [
          ...(several ? [{ Condition: expression("$several and $verdict.outcome = 'passed'"), Next: SCENARIO_PASSED }] : []),
          { Condition: expression("$verdict.outcome = 'passed'"), Next: 'The point is proven' },
          { Condition: expression('$told'), Next: SAY },
        ],
        Default: TELL,
      },
      'The point is proven': {
        Type: 'Succeed',
        Output: {
          outcome: 'passed',
          system,
          asset: expression('$asset'),
          point: expression('$point'),
          from: expression('$from'),
          run: expression('$run'),
          evidence: expression('$verdict.evidence'),
        },
      },
      ...(several ? { [SCENARIO_PASSED]: scenarioPassed(system) } : {}),
      [TELL]: tellVerdict(functions.reportFailure, several !== undefined),
      [SAY]: {
        Type: 'Choice',
        Choices: [{ Condition: expression("$verdict.outcome = 'failed'"), Next: 'The drill failed' }],
        Default: 'The drill could not run',
      },
      'The drill failed': endAs(FAILED, 'The drill failed for '),
      'The drill could not run': endAs(COULD_NOT_RUN, 'The drill could not run for '),
    },
  };
};
