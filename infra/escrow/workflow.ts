/** The escrow machine: every version of every key gets a copy that can be opened in either region, and is opened there. */
import type { FailureName } from '../../core/failure/classes.ts';
import type { MapState, StateMachineDefinition } from '../asl/definition.ts';
import { machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { nothingFailed, withFailureStates } from '../asl/failure-states.ts';
import type { Scope } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { openEveryOlder } from './older-envelopes.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';
import { IS_PROOF, proofEnd, proofSteps, RECORD_PROOF } from './offline-proof.ts';

export type EscrowWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. */
  functions: {
    listVersions: string;
    escrowVersion: string;
    readBack: string;
    listOlder: string;
    renewLocks: string;
    writeEvidence: string;
    signObjects: string;
    lockObjects: string;
    copyRecords: string;
    recordProof: string;
    reportFailure: string;
  };
  /** Seconds of the plan's `escrow.schedule.longestRun`, by key. */
  longestRuns: LongestRuns;
};

/** Versions that are escrowed beside each other: Secrets Manager and KMS are asked little at a time. */
const VERSIONS_AT_ONCE = 4;

const VERSION_SCOPE: Scope = {
  suffix: ' of this version',
  failedStep: 'versionStep',
  tries: 'versionTries',
  error: 'versionError',
  report: 'versionReport',
  asset: '$version.key',
  run: '$version.run',
};
const WHAT_IS_ASKED = 'Decide what is asked for';
const LIST_OLDER = 'List the envelopes of older versions';
const WRITE = 'Write the evidence';
const RENEW = 'Renew the locks of what is in escrow';
const DECIDE = 'Decide whether every version is in escrow';
const EVIDENCE = expression('$evidence');
const HAS_VALUE = 'Decide whether the version has a value';
const NOT_ESCROWED = 'The version is not in escrow';
const NOT_RECOVERABLE: FailureName = 'KeyNotRecoverable';

/** A version that fails ends its own round only: the others are escrowed all the same, and the machine fails naming those that are not. */
const escrowEveryVersion = (functions: EscrowWorkflowParts['functions']): MapState => {
  const readBack = (place: 'vault' | 'replica') => ({
    key: expression('$version.key'),
    fingerprint: expression('$fingerprint'),
    run: expression('$version.run'),
    place,
  });
  const outcome = { key: expression('$version.key'), secretVersion: expression('$version.secretVersion') };
  return {
    Type: 'Map',
    Items: expression('$versions'),
    MaxConcurrency: VERSIONS_AT_ONCE,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Take one version',
      States: {
        'Take one version': {
          Type: 'Pass',
          Assign: { version: expression('$states.input'), fingerprint: '', created: false, ...nothingFailed(VERSION_SCOPE) },
          Output: {},
          Next: 'Escrow one version',
        },
        ...withFailureStates(
          { stage: 'escrow', reportFailure: functions.reportFailure, scope: VERSION_SCOPE, end: NOT_ESCROWED },
          {
            'Escrow one version': functionTask(functions.escrowVersion, expression('$version'), {
              assign: {
                fingerprint: expression(orElse('$states.result.Payload.fingerprint', "''")),
                created: expression('$states.result.Payload.created = true'),
              },
              next: HAS_VALUE,
            }),
            'Read the envelope back at home': functionTask(functions.readBack, readBack('vault'), {
              next: 'Read the envelope back in the second region',
            }),
            'Read the envelope back in the second region': functionTask(functions.readBack, readBack('replica'), {
              next: 'The version is in escrow',
            }),
          },
        ),
        [HAS_VALUE]: {
          Type: 'Choice',
          Choices: [{ Condition: expression("$fingerprint = ''"), Next: 'The version has no value yet' }],
          Default: 'Read the envelope back at home',
        },
        'The version has no value yet': { Type: 'Pass', Output: outcome, End: true },
        'The version is in escrow': {
          Type: 'Pass',
          Output: { escrowed: true, ...outcome, fingerprint: expression('$fingerprint'), created: expression('$created') },
          End: true,
        },
        [NOT_ESCROWED]: {
          Type: 'Pass',
          Output: {
            escrowed: false,
            ...outcome,
            failure: expression('$versionReport.failure'),
            message: expression('$substring($versionReport.message, 0, 500)'),
          },
          End: true,
        },
      },
    },
    Assign: { escrowed: expression('$states.result') },
    Output: {},
    Next: LIST_OLDER,
  };
};

/** What a rotation has begun, and given no value yet. */
const WITHOUT_VALUE = `[$escrowed[$not($exists(escrowed))].{'key': key, 'secretVersion': secretVersion}]`;

/** Ids, fingerprints and classes only: what was told of a failure stays where it was told. */
const evidenceRequest = expression(
  `{'run': $run, 'execution': $execution, 'startedAt': $startedAt, 'later': $later, 'withoutValue': ${WITHOUT_VALUE}, 'outcomes': [$append($escrowed, $opened)[$exists(escrowed)].{${[
    `'key': key, 'secretVersion': secretVersion`,
    `'fingerprint': fingerprint`,
    `'failure': $not(escrowed) ? failure`,
  ].join(', ')}}]}`,
);

const ALL = '$append($escrowed, $opened)';
const FAILED = `${ALL}[escrowed = false]`;
const nameOfFailed = `key & ($exists(secretVersion) ? ' version ' & secretVersion : ' fingerprint ' & $substring(fingerprint, 0, 12))`;
const namesOfFailed = `$join(${FAILED}.(${nameOfFailed} & ': ' & message), '; ')`;

const OUTPUT = {
  run: expression('$run'),
  versions: expression('[$escrowed[escrowed = true]]'),
  withoutValue: expression(WITHOUT_VALUE),
  older: expression('$count($distinct($opened.fingerprint))'),
  later: expression('$later'),
  evidence: EVIDENCE,
};

export const escrowWorkflow = (parts: EscrowWorkflowParts): StateMachineDefinition => ({
  Comment: `Escrows the keys of ${parts.system} and opens every copy in both regions`,
  QueryLanguage: 'JSONata',
  StartAt: TAKE_REQUEST,
  TimeoutSeconds: machineTimeoutSeconds(parts.longestRuns),
  States: {
    [TAKE_REQUEST]: takeRequest({
      longestRuns: parts.longestRuns,
      askedFor: 'key',
      assign: { keys: [], versions: [], later: 0, envelopes: [], escrowed: [], opened: [], evidence: [] },
      next: WHAT_IS_ASKED,
    }),
    [WHAT_IS_ASKED]: { Type: 'Choice', Choices: [{ Condition: IS_PROOF, Next: RECORD_PROOF }], Default: 'List the key versions' },
    ...withFailureStates(
      { stage: 'escrow', reportFailure: parts.functions.reportFailure },
      {
        ...proofSteps(parts.functions),
        'List the key versions': functionTask(parts.functions.listVersions, REQUEST_PAYLOAD, {
          assign: {
            run: expression(orElse('$states.result.Payload.run', "''")),
            keys: expression('[$states.result.Payload.keys]'),
            versions: expression(orElse('$states.result.Payload.versions', '[]')),
            later: expression(orElse('$states.result.Payload.later', '0')),
          },
          next: 'Escrow every version',
        }),
        'Escrow every version': escrowEveryVersion(parts.functions),
        [LIST_OLDER]: functionTask(
          parts.functions.listOlder,
          { run: expression('$run'), keys: expression('$keys'), opened: expression('[$escrowed[escrowed = true].fingerprint]') },
          { assign: { envelopes: expression('[$states.result.Payload.envelopes]') }, next: 'Open every older envelope' },
        ),
        'Open every older envelope': openEveryOlder({
          readBack: parts.functions.readBack,
          reportFailure: parts.functions.reportFailure,
          next: WRITE,
          atOnce: VERSIONS_AT_ONCE,
        }),
        [WRITE]: functionTask(parts.functions.writeEvidence, evidenceRequest, {
          assign: { evidence: expression('[$states.result.Payload.keys]') },
          next: 'Sign the evidence',
        }),
        'Sign the evidence': functionTask(parts.functions.signObjects, { keys: EVIDENCE }, { next: 'Lock the evidence' }),
        'Lock the evidence': functionTask(parts.functions.lockObjects, { keys: EVIDENCE }, { next: 'Copy the records' }),
        'Copy the records': functionTask(parts.functions.copyRecords, { keys: EVIDENCE }, { next: RENEW }),
        [RENEW]: functionTask(parts.functions.renewLocks, { keys: expression('$keys') }, { next: DECIDE }),
      },
    ),
    ...proofEnd,
    [DECIDE]: {
      Type: 'Choice',
      Choices: [
        { Condition: expression(`$count(${FAILED}) > 0`), Next: 'Some versions are not in escrow' },
        // Of a plan whose last key left there are only older values to be opened.
        { Condition: expression(`$count(${ALL}[escrowed = true]) = 0`), Next: 'There was no version to escrow' },
        { Condition: expression('$later > 0'), Next: 'The next run takes the other versions' },
      ],
      Default: 'Every key can be recovered in both regions',
    },
    'Every key can be recovered in both regions': { Type: 'Succeed', Output: OUTPUT },
    'The next run takes the other versions': { Type: 'Succeed', Output: OUTPUT },
    'Some versions are not in escrow': {
      Type: 'Fail',
      Error: expression(`(${FAILED})[0].failure`),
      Cause: asCause(`$count(${FAILED}) & ' of ' & $count(${ALL}) & ' key versions are not in escrow: ' & ${namesOfFailed}`),
    },
    'There was no version to escrow': {
      Type: 'Fail',
      Error: NOT_RECOVERABLE,
      Cause: expression(literal('No secret of the plan holds a version of a key: look at the secrets that the key assets name')),
    },
  },
});
