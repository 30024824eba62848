/**
 * The backup machine: one slot of one asset becomes one recovery point that is verified, locked, copied, signed and linked. A point
 * that an earlier run committed and did not finish is taken up after its dump: every later step may be done again.
 */
import { BEFORE_THE_COMMIT, stepOfTask } from '../../core/failure/steps.ts';
import type { LockTerm } from '../../core/lock/lock-terms.ts';
import { claimKey } from '../../core/vault/keys.ts';
import type { MapState, StateMachineDefinition } from '../asl/definition.ts';
import { deadlineOf, machineTimeoutSeconds } from '../asl/deadline.ts';
import type { LongestRuns } from '../asl/deadline.ts';
import { expression, keyExpression, orElse } from '../asl/expression.ts';
import { MACHINE_SCOPE, currentTry, withFailureStates } from '../asl/failure-states.ts';
import { fargateTask } from '../asl/fargate-task.ts';
import type { TaskNetwork } from '../asl/fargate-task.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';

export type BackupWorkflowParts = {
  system: string;
  /** ARNs; they may be CDK tokens. */
  functions: {
    admitSlot: string;
    lockObjects: string;
    planCopy: string;
    copyParts: string;
    completeCopy: string;
    signObjects: string;
    recordPoint: string;
    copyRecords: string;
    reportFailure: string;
  };
  /** ARN of the cluster. */
  cluster: string;
  dumpNetwork: TaskNetwork;
  verifyNetwork: TaskNetwork;
  /** Seconds of the plan's `schedule.longestRun`, by asset. */
  longestRuns: LongestRuns;
  /** How long new points are locked, by asset. In the definition, since a function's environment has no room for many assets. */
  locks: Record<string, LockTerm>;
};

/** Copies that run beside each other: with 16 MiB parts, far below what one prefix of S3 takes. */
const COPIES_AT_ONCE = 16;

const { admit: ADMIT, dump: DUMP } = BEFORE_THE_COMMIT;
const VERIFY = stepOfTask('verify');

const copyTheParts = (copyParts: string): MapState => ({
  Type: 'Map',
  Items: expression('$batches'),
  MaxConcurrency: COPIES_AT_ONCE,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Copy one batch of parts',
    // Without a Catch of its own: the first batch that fails for good fails the Map, which is the step that is tried again.
    States: { 'Copy one batch of parts': functionTask(copyParts, expression('$states.input'), {}) },
  },
  Output: {},
  Next: 'Complete the copy',
});

export const backupWorkflow = (parts: BackupWorkflowParts): StateMachineDefinition => {
  const { system, functions, cluster } = parts;
  const ofPoint = { system, asset: expression('$asset'), point: expression('$point'), run: expression('$run') };
  const toLock = { ...ofPoint, term: expression('$lookup($locks, $asset)') };
  const atPoint = { '<asset>': '$asset', '<point>': '$point', '<slot>': '$slot', '<claim>': "$pad($string($claim), -4, '0')" };
  const claim = keyExpression(claimKey(system, '<asset>', '<slot>', 0).replace(/0000(?=\.json$)/, '<claim>'), atPoint);
  /** What stands beside the point and is kept as long as it, links that were repaired among it; and the public key. */
  const records = expression(`$append([$toSign], [${claim}, $publicKey])`);

  return {
    Comment: `Backs up one asset of ${system}: dump, verify, lock, copy, record, sign`,
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: machineTimeoutSeconds(parts.longestRuns),
    States: {
      [TAKE_REQUEST]: takeRequest({
        longestRuns: parts.longestRuns,
        askedFor: 'asset',
        assign: { locks: parts.locks, admission: {}, slot: '', claim: 0, lastPoint: '', batches: [], link: '', toSign: [], publicKey: '' },
        next: ADMIT,
      }),
      'Decide whether this run holds the slot': {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression('$admission.admitted = true'),
            Assign: {
              asset: expression('$admission.asset'),
              slot: expression('$admission.slot'),
              point: expression('$admission.point'),
              claim: expression('$admission.claim'),
              lastPoint: expression(orElse('$admission.lastPoint', "''")),
              run: expression('$admission.run'),
              deadline: expression(deadlineOf(parts.longestRuns, '$admission.asset')),
            },
            Next: 'Decide whether there is a dump to make',
          },
        ],
        Default: 'The slot belongs to another run',
      },
      'Decide whether there is a dump to make': {
        Type: 'Choice',
        Choices: [{ Condition: expression('$admission.committed = true'), Next: VERIFY }],
        Default: DUMP,
      },
      'The slot belongs to another run': {
        Type: 'Succeed',
        Output: { committed: false, reason: expression(orElse('$admission.reason', "'Another run holds the slot'")) },
      },
      ...withFailureStates(
        { stage: 'backup', reportFailure: functions.reportFailure },
        {
          [ADMIT]: functionTask(functions.admitSlot, REQUEST_PAYLOAD, {
            assign: { admission: expression('$states.result.Payload') },
            next: 'Decide whether this run holds the slot',
          }),
          [DUMP]: fargateTask({
            system,
            task: 'dump',
            cluster,
            network: parts.dumpNetwork,
            environment: { POINT: '$point', CLAIM: '$claim', TRY: currentTry(MACHINE_SCOPE, DUMP), RUN: '$run', LAST_POINT: '$lastPoint' },
            next: VERIFY,
          }),
          [VERIFY]: fargateTask({
            system,
            task: 'verify',
            cluster,
            network: parts.verifyNetwork,
            environment: { POINT: '$point', RUN: '$run', TRY: currentTry(MACHINE_SCOPE, VERIFY) },
            next: 'Lock the point',
          }),
          'Lock the point': functionTask(functions.lockObjects, { ...toLock, keys: [] }, { next: 'Plan the copy' }),
          'Plan the copy': functionTask(
            functions.planCopy,
            { ...ofPoint, keys: [] },
            { assign: { batches: expression(orElse('$states.result.Payload.batches', '[]')) }, next: 'Copy the parts' },
          ),
          'Copy the parts': copyTheParts(functions.copyParts),
          'Complete the copy': functionTask(
            functions.completeCopy,
            { ...ofPoint, keys: [], batches: expression('$batches') },
            { next: 'Record the point' },
          ),
          'Record the point': functionTask(
            functions.recordPoint,
            { ...ofPoint, slot: expression('$slot'), claim: expression('$claim') },
            {
              assign: { link: expression('$states.result.Payload.link'), toSign: expression('[$states.result.Payload.sign]') },
              next: 'Sign the records',
            },
          ),
          // Last of what the point's folder gets, so that a listing tells a point that is linked from one that may not be.
          'Sign the records': functionTask(
            functions.signObjects,
            { keys: expression('$toSign') },
            { assign: { publicKey: expression('$states.result.Payload.publicKey') }, next: 'Lock the records' },
          ),
          'Lock the records': functionTask(functions.lockObjects, { ...toLock, keys: records }, { next: 'Copy the records' }),
          'Copy the records': functionTask(
            functions.copyRecords,
            { ...ofPoint, keys: records },
            { next: 'The point is proven to be whole' },
          ),
        },
      ),
      'The point is proven to be whole': {
        Type: 'Succeed',
        Output: { committed: true, ...ofPoint, link: expression('$link') },
      },
    },
  };
};
