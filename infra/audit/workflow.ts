/**
 * The audit machine: what is, compared with what the plan says. Buckets and keys first, then objects, by calls that each go on where
 * the last one stopped: what a run says of itself does not grow with the vault. That something was found is no failure of the audit.
 */
import { AUDIT_TIMEOUT_SECONDS, MOST_FINDINGS, type AuditedAsset, type AuditedLogins, type AuditTally } from '../../core/audit/contract.ts';
import type { KeyStore } from '../../core/escrow/key-place.ts';
import type { LockTerm } from '../../core/lock/lock-terms.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { Json, StateMachineDefinition } from '../asl/definition.ts';
import { expression, literal } from '../asl/expression.ts';
import { MACHINE_SCOPE, nothingFailed, withFailureStates } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';

export type AuditWorkflowParts = {
  system: string;
  /** What buckets and keys are to be; it may be a CDK token. */
  expected: Json;
  /** Secrets and parameters that the plan's keys are in, in this region. */
  sources: { store: KeyStore; name: string }[];
  logins: AuditedLogins;
  assets: AuditedAsset[];
  evidence: LockTerm;
  /** ARNs; they may be CDK tokens. `copyRecords` is absent beside the replica, from which nothing is copied. */
  functions: {
    beginAudit: string;
    checkSettings: string;
    checkObjects: string;
    writeEvidence: string;
    signObjects: string;
    lockObjects: string;
    copyRecords?: string;
    reportFailure: string;
  };
};

const LOOK = 'Look at the objects';
const DONE = 'The audit is done';
const answer = '$states.result.Payload';
const NOTHING: AuditTally = { points: 0, wholePoints: 0, listed: 0, versions: 0, findings: 0, calls: 0 };
const signatures = `$keys.($substringBefore($, '.json') & ${literal(signatureKey('.json'))})`;
const records = { keys: expression(`$append([$keys], [${signatures}])`) };
const OF_RUN = {
  assets: expression('[$assets]'),
  sample: expression('$sample'),
  isWhole: expression('$isWhole'),
  tally: expression('$tally'),
};

export const auditWorkflow = ({
  system,
  expected,
  sources,
  logins,
  assets,
  evidence,
  functions,
}: AuditWorkflowParts): StateMachineDefinition => ({
  Comment: `Compares the vault of ${system} with what its plan says`,
  QueryLanguage: 'JSONata',
  StartAt: TAKE_REQUEST,
  TimeoutSeconds: AUDIT_TIMEOUT_SECONDS,
  States: {
    [TAKE_REQUEST]: takeRequest({
      longestRuns: {},
      askedFor: 'asset',
      assign: {
        assets: [],
        sample: { residues: [] },
        isWhole: false,
        all: false,
        canRead: false,
        findings: [],
        vaultKeyArn: '',
        cursor: { asset: 0, after: '' },
        tally: NOTHING,
        isDone: false,
        keys: [],
        found: 0,
        told: [],
      },
      next: 'Begin the audit',
    }),
    ...withFailureStates(
      { stage: 'audit', reportFailure: functions.reportFailure },
      {
        'Begin the audit': functionTask(
          functions.beginAudit,
          { ...REQUEST_PAYLOAD, assets },
          {
            assign: {
              run: expression(`${answer}.run`),
              assets: expression(`[${answer}.assets]`),
              isWhole: expression(`${answer}.isWhole`),
              all: expression(`${answer}.all`),
            },
            next: 'Look at buckets and keys',
          },
        ),
        'Look at buckets and keys': functionTask(
          functions.checkSettings,
          { expected, sources, logins },
          {
            assign: {
              findings: expression(`[${answer}.findings]`),
              vaultKeyArn: expression(`${answer}.vaultKeyArn`),
              canRead: expression(`${answer}.canRead`),
              tally: expression(`$merge([$tally, {'findings': $count(${answer}.findings)}])`),
            },
            next: 'Decide whether the vault can be read',
          },
        ),
        [LOOK]: functionTask(
          functions.checkObjects,
          {
            ...OF_RUN,
            evidence,
            vaultKeyArn: expression('$vaultKeyArn'),
            all: expression('$all'),
            cursor: expression('$cursor'),
            room: expression(`$max([0, ${MOST_FINDINGS} - $count($findings)])`),
          },
          {
            assign: {
              // What failed before this call is no try of the next one.
              ...nothingFailed(MACHINE_SCOPE),
              isDone: expression(`${answer}.isDone`),
              sample: expression(`${answer}.sample`),
              cursor: expression(`${answer}.cursor`),
              tally: expression(`${answer}.tally`),
              findings: expression(`$append([$findings], [${answer}.findings])`),
            },
            next: 'Decide whether everything was looked at',
          },
        ),
        'Write the evidence': functionTask(
          functions.writeEvidence,
          { ...OF_RUN, run: expression('$run'), execution: expression('$execution'), findings: expression('[$findings]') },
          {
            assign: {
              keys: expression(`[${answer}.keys]`),
              found: expression(`${answer}.findings`),
              told: expression(`[${answer}.told]`),
            },
            next: 'Sign the evidence',
          },
        ),
        'Sign the evidence': functionTask(functions.signObjects, { keys: expression('[$keys]') }, { next: 'Lock the evidence' }),
        'Lock the evidence': functionTask(functions.lockObjects, records, {
          next: functions.copyRecords === undefined ? DONE : 'Copy the records',
        }),
        ...(functions.copyRecords === undefined
          ? {}
          : { 'Copy the records': functionTask(functions.copyRecords, records, { next: DONE }) }),
      },
    ),
    // What stands in the way of that was found, and is told.
    'Decide whether the vault can be read': {
      Type: 'Choice',
      Choices: [{ Condition: expression('$canRead'), Next: LOOK }],
      Default: 'Write the evidence',
    },
    'Decide whether everything was looked at': {
      Type: 'Choice',
      Choices: [{ Condition: expression('$isDone'), Next: 'Write the evidence' }],
      Default: LOOK,
    },
    [DONE]: {
      Type: 'Succeed',
      Output: {
        run: expression('$run'),
        evidence: expression('[$keys]'),
        findings: expression('$found'),
        told: expression('[$told]'),
        looked: expression('$tally'),
      },
    },
  },
});
