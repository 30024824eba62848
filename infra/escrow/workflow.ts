/** The escrow machine: every version of every key gets a copy that can be opened in either region, and is opened there. */
import type { FailureName } from '../../core/failure/classes.ts';
import type { StateMachineDefinition } from '../asl/definition.ts';
import { machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { nothingFailed, tellOfEnd, withFailureStates } from '../asl/failure-states.ts';
import type { Scope } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { escrowEveryVersion } from './every-version.ts';
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

/** Items beside each other: Secrets Manager and KMS are asked little at a time. */
const VERSIONS_AT_ONCE = 4;

/** Locks are made longer before anything else, and whatever becomes of that the keys go into escrow: neither waits for the other to go well. */
const RENEWAL_SCOPE: Scope = {
  suffix: ' to renew the locks',
  failedStep: 'renewalStep',
  tries: 'renewalTries',
  error: 'renewalError',
  report: 'renewalReport',
  asset: '$asset',
};
const WHAT_IS_ASKED = 'Decide what is asked for';
const LIST = 'List the key versions';
const LIST_OLDER = 'List the envelopes of older versions';
const WRITE = 'Write the evidence';
const RENEW = 'Renew the locks of what is in escrow';
const IS_ANY_KEY = 'Decide whether there is any key';
const DECIDE = 'Decide whether every version is in escrow';
const EVIDENCE = expression('$evidence');
const NOT_RECOVERABLE: FailureName = 'KeyNotRecoverable';
const NO_VERSION = literal('No secret of the plan holds a version of a key: look at the secrets that the key assets name');

/** What a rotation has begun and given no value yet, and earlier versions that give none. */
const WITHOUT_VALUE = `[$escrowed[$not($exists(escrowed))].{'key': key, 'secretVersion': secretVersion, 'why': why}]`;

/** Ids, fingerprints and classes only: what was told of a failure stays where it was told. */
const evidenceRequest = expression(
  `{'run': $run, 'execution': $execution, 'startedAt': $startedAt, 'later': $later, 'recent': $recent, 'withoutValue': ${WITHOUT_VALUE}, 'outcomes': [$append($escrowed, $opened)[$exists(escrowed)].{${[
    `'key': key, 'secretVersion': secretVersion`,
    `'fingerprint': fingerprint`,
    `'failure': $not(escrowed) ? failure`,
    `'openedBy': openedBy`,
  ].join(', ')}}]}`,
);

const ALL = '$append($escrowed, $opened)';
const FAILED = `${ALL}[escrowed = false]`;
const nameOfFailed = `key & ($exists(secretVersion) ? ' version ' & secretVersion : ' fingerprint ' & $substring(fingerprint, 0, 12))`;
const namesOfFailed = `$join(${FAILED}.(${nameOfFailed} & ': ' & message), '; ')`;

const alsoLocks = `($areRenewed ? '' : '; and locks were not made longer: ' & $renewalReport.message)`;

const OUTPUT = {
  run: expression('$run'),
  versions: expression('[$escrowed[escrowed = true]]'),
  withoutValue: expression(WITHOUT_VALUE),
  older: expression('$count($distinct($opened.fingerprint))'),
  later: expression('$later'),
  recent: expression('$recent'),
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
      assign: {
        keys: [],
        versions: [],
        later: 0,
        envelopes: [],
        escrowed: [],
        opened: [],
        recent: 0,
        evidence: [],
        areRenewed: false,
        ...nothingFailed(RENEWAL_SCOPE),
      },
      next: WHAT_IS_ASKED,
    }),
    [WHAT_IS_ASKED]: { Type: 'Choice', Choices: [{ Condition: IS_PROOF, Next: RECORD_PROOF }], Default: RENEW },
    ...withFailureStates(
      { stage: 'escrow', reportFailure: parts.functions.reportFailure, scope: RENEWAL_SCOPE, end: LIST },
      {
        [RENEW]: functionTask(parts.functions.renewLocks, { input: expression('$request') }, { assign: { areRenewed: true }, next: LIST }),
      },
    ),
    ...withFailureStates(
      { stage: 'escrow', reportFailure: parts.functions.reportFailure },
      {
        ...proofSteps(parts.functions),
        [LIST]: functionTask(parts.functions.listVersions, REQUEST_PAYLOAD, {
          assign: {
            run: expression(orElse('$states.result.Payload.run', "''")),
            keys: expression('[$states.result.Payload.keys]'),
            versions: expression(orElse('$states.result.Payload.versions', '[]')),
            later: expression(orElse('$states.result.Payload.later', '0')),
          },
          next: IS_ANY_KEY,
        }),
        'Escrow every version': escrowEveryVersion({
          escrowVersion: parts.functions.escrowVersion,
          readBack: parts.functions.readBack,
          reportFailure: parts.functions.reportFailure,
          next: LIST_OLDER,
          atOnce: VERSIONS_AT_ONCE,
        }),
        [LIST_OLDER]: functionTask(
          parts.functions.listOlder,
          { run: expression('$run'), keys: expression('$keys'), opened: expression('[$escrowed[escrowed = true].fingerprint]') },
          {
            assign: {
              envelopes: expression('[$states.result.Payload.envelopes]'),
              later: expression(`$later + ${orElse('$states.result.Payload.later', '0')}`),
              recent: expression(orElse('$states.result.Payload.recent', '0')),
            },
            next: 'Open every older envelope',
          },
        ),
        'Open every older envelope': openEveryOlder({
          escrowVersion: parts.functions.escrowVersion,
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
        'Copy the records': functionTask(parts.functions.copyRecords, { keys: EVIDENCE }, { next: DECIDE }),
      },
    ),
    ...proofEnd,
    // Of a plan without a key, and with nothing in escrow of one that left it, there is nothing to be told.
    [IS_ANY_KEY]: {
      Type: 'Choice',
      Choices: [{ Condition: expression('$count($keys) + $count($versions) = 0'), Next: DECIDE }],
      Default: 'Escrow every version',
    },
    [DECIDE]: {
      Type: 'Choice',
      Choices: [
        { Condition: expression(`$count(${FAILED}) > 0`), Next: 'Some versions are not in escrow' },
        { Condition: expression('$not($areRenewed)'), Next: 'The locks were not renewed' },
        { Condition: expression('$count($keys) + $count($versions) = 0'), Next: 'There is no key' },
        // Of a plan whose last key left there are only older values to be opened.
        { Condition: expression(`$count(${ALL}[escrowed = true]) + $recent = 0`), Next: 'Tell that there was no version' },
        { Condition: expression('$later > 0'), Next: 'The next run takes the other versions' },
      ],
      Default: 'Every key can be recovered in both regions',
    },
    'Every key can be recovered in both regions': { Type: 'Succeed', Output: OUTPUT },
    'The next run takes the other versions': { Type: 'Succeed', Output: OUTPUT },
    'There is no key': { Type: 'Succeed', Output: OUTPUT },
    'The locks were not renewed': {
      Type: 'Fail',
      Error: expression('$renewalReport.failure'),
      Cause: asCause(`'The locks of what is in escrow were not all made longer: ' & $renewalReport.message`),
    },
    'Some versions are not in escrow': {
      Type: 'Fail',
      Error: expression(`(${FAILED})[0].failure`),
      Cause: asCause(`$count(${FAILED}) & ' of ' & $count(${ALL}) & ' key versions are not in escrow: ' & ${namesOfFailed} & ${alsoLocks}`),
    },
    'Tell that there was no version': tellOfEnd(
      { stage: 'escrow', reportFailure: parts.functions.reportFailure, step: LIST, next: 'There was no version to escrow' },
      { asset: '$asset', error: literal(NOT_RECOVERABLE), cause: NO_VERSION },
    ),
    'There was no version to escrow': {
      Type: 'Fail',
      Error: NOT_RECOVERABLE,
      Cause: expression(NO_VERSION),
    },
  },
});
