/**
 * The restore machine: one point becomes a new database beside its source, or takes the place of one that is there; the record of
 * that is signed, locked and copied. Anything else it refuses, with what is possible.
 */
import { AFTER_THE_RESTORE, RESTORE_LOOKS, RESTORE_STEPS, RESUME, RETRIEVAL } from '../../core/failure/steps.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import type { RestoreTerms } from '../../core/restore/contract.ts';
import type { Fields, States, StateMachineDefinition } from '../asl/definition.ts';
import { deadlineOf, longestOf, machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { MACHINE_SCOPE, withFailureStates, type Steps } from '../asl/failure-states.ts';
import type { TaskNetwork } from '../asl/fargate-task.ts';
import { functionTask } from '../asl/function-task.ts';
import { askForData, NOT_RETRIEVED, RETRIEVAL_ALLOWANCE_SECONDS, retrievalStates } from '../asl/retrieval-states.ts';
import { sharedText, sharedTexts } from '../asl/shared-texts.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';
import { choose, type RestoreBlocks } from './block.ts';
import { endStates, INCOMPLETE_EVIDENCE, IS_WELL } from './end-states.ts';
import { ENDS, FAILED, failedBlock } from './failed-states.ts';
import { FIRST_STEPS, replaceStates, RESTORED, type SafetyBackup } from './replace-states.ts';
import { phaseTask } from './phase-task.ts';
import { REPORT_FIELDS, WRITE_FIELDS } from './run-fields.ts';
import { signOffBlock } from './sign-off-states.ts';

export type RestoreWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. `copyRecords` is absent where the evidence is written to the replica itself. */
  functions: {
    checkRequest: string;
    retrievePoint: string;
    writeResult: string;
    signObjects: string;
    lockObjects: string;
    copyRecords?: string;
    reportFailure: string;
  };
  /** ARN of the cluster. */
  cluster: string;
  restoreNetwork: TaskNetwork;
  /** Seconds that a restore of an asset may take, by asset. */
  longestRuns: LongestRuns;
  /** By asset. */
  terms: Record<string, RestoreTerms>;
  /** What saves a database before it is replaced. Where it is absent nothing can be replaced. */
  safetyBackup?: SafetyBackup;
  blocks?: RestoreBlocks;
  /** What the plan leaves to people, as JSON by asset. */
  manual?: Record<string, string>;
};

const REFUSED: FailureName = 'BadInput';
const { write: WRITE, sign: SIGN, lock: LOCK, copy: COPY } = AFTER_THE_RESTORE;
const CHECK = RESTORE_LOOKS.request;
/** Whatever was accepted by mistake: it must not become a restore. */
const NOT_HERE = 'This machine cannot do what is asked';
const TO_BE_CHECKED = 'Decide whether there is anything to check';

export const restoreWorkflow = (parts: RestoreWorkflowParts): StateMachineDefinition => {
  const { system, functions, safetyBackup, blocks = {} } = parts;
  const failed = failedBlock({ functions, request: writeRequest(parts) }, { next: FIRST_STEPS, mayReplace: safetyBackup !== undefined });
  const approval = blocks.approval?.({ next: failed.first, refused: ENDS.failed });
  const begin = approval?.first ?? failed.first;
  const signOff = signOffBlock(parts, { next: begin, drop: begin });
  const answered = '$states.result.Payload';
  const records = expression('$append([$result.evidence], [$result.signature])');
  const replacing = safetyBackup && replaceStates({ ...parts, safetyBackup, write: WRITE });
  const all = [signOff, approval, failed, replacing].filter((block) => block !== undefined);
  const steps: Steps = {
    [CHECK]: functionTask(
      functions.checkRequest,
      { ...REQUEST_PAYLOAD, terms: expression('$terms') },
      {
        assign: { check: expression(answered) },
        next: 'Decide whether the request can be met',
      },
    ),
    [RETRIEVAL.ask]: askForData(functions.retrievePoint),
    [RESTORE_STEPS.restore]: phaseTask(parts, 'restore', { next: TO_BE_CHECKED }),
    [RESTORE_STEPS.validate]: phaseTask(parts, 'validate', { next: replacing ? RESTORED : WRITE }),
    [WRITE]: functionTask(functions.writeResult, writeRequest(parts), {
      assign: { result: expression(answered) },
      next: SIGN,
    }),
    [SIGN]: functionTask(functions.signObjects, { keys: expression('[$result.evidence]') }, { next: LOCK }),
    [LOCK]: functionTask(functions.lockObjects, { keys: records }, { next: functions.copyRecords === undefined ? IS_WELL : COPY }),
    ...(functions.copyRecords === undefined ? {} : { [COPY]: functionTask(functions.copyRecords, { keys: records }, { next: IS_WELL }) }),
  };
  return {
    Comment: `Restores one point of ${system} beside its source, or in its place`,
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds:
      machineTimeoutSeconds(parts.longestRuns) +
      RETRIEVAL_ALLOWANCE_SECONDS +
      (safetyBackup?.longestSeconds ?? 0) +
      (blocks.allowanceSeconds ?? 0),
    States: {
      [TAKE_REQUEST]: takeRequest({
        longestRuns: parts.longestRuns,
        askedFor: 'asset',
        assign: {
          check: {},
          action: 'restore',
          target: 'beside',
          database: '',
          selection: {},
          of: '',
          safety: '',
          longestSeconds: 0,
          times: {},
          result: { evidence: '', signature: '' },
          first: { failure: '', message: '', step: '' },
          terms: parts.terms,
          manual: sharedTexts(parts.manual ?? {}),
          ...NOT_RETRIEVED,
          ...Object.assign({}, ...all.map(({ assign = {} }) => assign)),
        },
        next: CHECK,
      }),
      ...decideRequest(parts, signOff.first, replacing !== undefined && blocks.resume !== undefined),
      ...signOff.states,
      ...approval?.states,
      ...failed.states,
      [FIRST_STEPS]: choose(
        [...(replacing?.followUps ?? []), { Condition: expression("$action != 'restore'"), Next: NOT_HERE }],
        RETRIEVAL.ask,
      ),
      [NOT_HERE]: {
        Type: 'Fail',
        Error: REFUSED,
        Cause: asCause("'This machine restores, and does nothing else: ' & $action & ' is for that of the home region'"),
      },
      ...retrievalStates(replacing?.first ?? RESTORE_STEPS.restore),
      // A new database stands beside everything else: without checks of the plan's there is nothing to look at.
      [TO_BE_CHECKED]: choose(
        [{ Condition: expression(`$target = 'beside' and $not(${orElse('$check.validate', 'false')})`), Next: WRITE }],
        RESTORE_STEPS.validate,
      ),
      ...withFailureStates(
        {
          stage: 'restore',
          scope: { ...MACHINE_SCOPE, more: REPORT_FIELDS },
          reportFailure: functions.reportFailure,
          goOn: {
            ...Object.fromEntries([WRITE, SIGN, LOCK, COPY].map((step) => [step, INCOMPLETE_EVIDENCE])),
            ...Object.assign({}, ...all.map(({ goOn = {} }) => goOn)),
          },
          endings: replacing?.endings ?? [],
          end: FAILED,
        },
        { ...steps, ...Object.assign({}, ...all.map(({ tasks }) => tasks)) },
      ),
      ...replacing?.states,
      ...endStates(system, {
        mayReplace: replacing !== undefined,
        mayPutBack: replacing !== undefined && blocks.resume !== undefined,
        mayProbe: replacing !== undefined && blocks.probe !== undefined,
      }),
    },
  };
};

const decideRequest = ({ longestRuns }: RestoreWorkflowParts, next: string, mayPutBack: boolean): States => ({
  'Decide whether the request can be met': {
    Type: 'Choice',
    Choices: [
      // Nobody has to agree to that things are put back.
      ...(mayPutBack
        ? [
            {
              Condition: expression(`$check.accepted = true and ${orElse('$check.action', literal(''))} = 'resume'`),
              Assign: { asset: expression('$check.asset'), run: expression('$check.run') },
              Next: RESUME.byHand,
            },
          ]
        : []),
      {
        Condition: expression('$check.accepted = true'),
        Assign: {
          action: expression(orElse('$check.action', literal('restore'))),
          asset: expression('$check.asset'),
          point: expression('$check.point'),
          run: expression('$check.run'),
          target: expression(orElse('$check.target', literal('beside'))),
          database: expression('$check.database'),
          selection: expression(orElse('$check.selection', '{}')),
          of: expression(orElse('$check.of', literal(''))),
          deadline: expression(deadlineOf(longestRuns, '$check.asset')),
          longestSeconds: expression(longestOf(longestRuns, '$check.asset')),
        },
        Next: next,
      },
    ],
    Default: 'The request cannot be met',
  },
  'The request cannot be met': {
    Type: 'Fail',
    Error: REFUSED,
    Cause: asCause(orElse('$check.message', literal('The request was not accepted'))),
  },
});

/** What the machine alone knows; the rest stands in the working papers of the run. */
const writeRequest = ({ blocks = {}, safetyBackup }: RestoreWorkflowParts): Fields => ({
  ...WRITE_FIELDS,
  times: expression(timesOf(blocks, safetyBackup !== undefined)),
  manual: expression(orElse(sharedText('$manual'), literal(''))),
  failed: expression('$first'),
  ...(blocks.resume ? { resumed: expression("{'complete': $resumed.complete, 'message': $resumed.message}") } : {}),
});

/** JSONata. What did not happen has no time of its own. */
const timesOf = ({ approval, quiesce, resume }: RestoreBlocks, maySave: boolean): string => {
  const parts = [
    "'retrievalSeconds': $retrieval.seconds",
    "'elapsedSeconds': $round(($millis() - $toMillis($startedAt)) / 1000)",
    ...(approval ? ["'approvalSeconds': $approvalSeconds"] : []),
    ...(maySave ? ["'safetySeconds': $safetySeconds"] : []),
    ...(quiesce && resume ? ["'quiesceSeconds': $quiesced.seconds + $resumed.seconds"] : []),
  ];
  return `$merge([$times, {${parts.join(', ')}}])`;
};
