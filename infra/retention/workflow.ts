/**
 * The retention machine: what of each asset's points expires is decided, goes, and is told in evidence. Every asset is an execution of
 * its own, and so is every batch of points: the history of a run does not grow with what there is to do.
 */
import { RETENTION_TIMEOUT_SECONDS } from '../../core/retention/contract.ts';
import type { LockTerm } from '../../core/lock/lock-terms.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { States, StateMachineDefinition } from '../asl/definition.ts';
import { expression, literal } from '../asl/expression.ts';
import { nothingFailed, withFailureStates } from '../asl/failure-states.ts';
import type { Scope, Steps } from '../asl/failure-states.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD, TAKE_REQUEST, takeRequest } from '../asl/request-state.ts';
import { FIND_DUE, lockAndHoldSteps } from './lock-steps.ts';
import { endStates, IS_DONE, stillThere } from './end-states.ts';
import { expireBatches } from './expire-batches.ts';

export type RetentionWorkflowParts = {
  system: string;
  /** What is kept of each asset. In the definition, since a function's environment has no room for many assets. */
  policies: Record<string, RetentionPolicy>;
  /** How long new points are locked, by asset. */
  locks: Record<string, LockTerm>;
  /** Bucket that holds the expiry plans: the vault, or its replica. */
  bucket: string;
  /** ARNs; they may be CDK tokens. `copyRecords` is absent beside the replica, from which nothing is copied. */
  functions: {
    listAssets: string;
    findDue: string;
    holdObjects: string;
    decidePoints: string;
    expirePoints: string;
    sweepAttempts: string;
    markCold: string;
    writeEvidence: string;
    signObjects: string;
    lockObjects: string;
    copyRecords?: string;
    reportFailure: string;
  };
};

const ASSETS_AT_ONCE = 10;

const ASSET_SCOPE: Scope = {
  suffix: ' of this asset',
  failedStep: 'failedStep',
  tries: 'tries',
  error: 'error',
  report: 'report',
  asset: '$asset',
  run: '$run',
};
const NOT_DONE = 'The asset is not done';
const DONE = 'The asset is done';
const SWEEP = 'Sweep what no point needs';
const DECIDE_COLD = 'Decide whether data moves to cold storage';
const MARK_COLD = 'Mark what moves to cold storage';
const WRITE_EVIDENCE = 'Write the evidence';
const DECIDE_EVIDENCE = 'Decide whether there is evidence to sign';
const DECIDE = 'Decide what expires';
const OF_ASSET = { asset: expression('$asset'), run: expression('$run') };
const answer = '$states.result.Payload';

const assetSteps = (parts: RetentionWorkflowParts): Steps => {
  const { functions } = parts;
  const written = '$distinct([$keys, $extended, $unsigned])';
  const signatures = `${written}.($substringBefore($, '.json') & ${literal(signatureKey('.json'))})`;
  const records = { keys: expression(`$append([${written}], [${signatures}])`) };
  return {
    ...lockAndHoldSteps(parts, DECIDE),
    [DECIDE]: functionTask(
      functions.decidePoints,
      { ...OF_ASSET, policy: expression('$policy') },
      {
        assign: { plan: expression(`${answer}.plan`), later: expression(`${answer}.later`) },
        next: 'Decide whether a point expires',
      },
    ),
    'Expire the points': expireBatches(parts.bucket, functions.expirePoints, OF_ASSET, SWEEP),
    [SWEEP]: functionTask(functions.sweepAttempts, OF_ASSET, {
      assign: { swept: expression(answer), undone: expression(`$append([$undone], [${answer}.unreadable])`) },
      next: DECIDE_COLD,
    }),
    [MARK_COLD]: functionTask(
      functions.markCold,
      { ...OF_ASSET, policy: expression('$policy') },
      { assign: { marked: expression(`${answer}.marked`) }, next: WRITE_EVIDENCE },
    ),
    [WRITE_EVIDENCE]: functionTask(
      functions.writeEvidence,
      { ...OF_ASSET, execution: expression('$execution'), kept: expression('$kept'), swept: expression('$swept') },
      {
        assign: {
          keys: expression(`[${answer}.keys]`),
          expired: expression(`${answer}.expired`),
          failed: expression(`${answer}.failed`),
        },
        next: DECIDE_EVIDENCE,
      },
    ),
    'Sign the evidence': functionTask(functions.signObjects, { keys: expression(`[${written}]`) }, { next: 'Lock the evidence' }),
    'Lock the evidence': functionTask(functions.lockObjects, records, {
      next: functions.copyRecords === undefined ? DONE : 'Copy the records',
    }),
    ...(functions.copyRecords === undefined ? {} : { 'Copy the records': functionTask(functions.copyRecords, records, { next: DONE }) }),
  };
};

/** What of the run is told: there may be many assets. */
const LONGEST_MESSAGE = 600;
/** How many of what was to go is still there, and what else was not done. */
const messageWith = (undone: string) => `$join($append($failed > 0 ? [${stillThere('$failed', '$keys')}] : [], [${undone}]), ', ')`;
const pointsLeft = `$failed > 0 ? {'pointsLeft': $failed} : {}`;
/** Of an asset at which nothing happened only the name is told. */
const told = `$expired + $failed + $later + $swept.objects + $swept.uploads + $marked + $count($extended) + $settled + $count($undone) = 0 ? {'asset': $asset} : $merge([{${[
  `'asset': $asset, 'expired': $expired, 'kept': $count($kept), 'failed': $failed + $count($undone), 'later': $later`,
  `'sweptObjects': $swept.objects, 'markedCold': $marked, 'evidence': $keys, 'extended': $count($extended), 'settled': $settled`,
].join(', ')}}, ${pointsLeft}, $count($undone) > 0 ? {'message': $substring(${messageWith('$undone')}, 0, ${LONGEST_MESSAGE})} : {}])`;

const wasNotDone = { undone: expression('$append([$undone], [$substring($report.message, 0, 300)])') };

const assetStates = (parts: RetentionWorkflowParts): States => ({
  'Take one asset': {
    Type: 'Pass',
    Assign: {
      asset: expression('$states.input.asset'),
      policy: expression('$states.input.policy'),
      term: expression('$states.input.term'),
      run: expression('$states.input.run'),
      execution: expression('$states.input.execution'),
      plan: '',
      later: 0,
      kept: [],
      keys: [],
      extend: [],
      extended: [],
      settle: [],
      settled: 0,
      unsigned: [],
      undone: [],
      expired: 0,
      failed: 0,
      marked: 0,
      swept: { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable: [] },
      ...nothingFailed(ASSET_SCOPE),
    },
    Output: {},
    Next: FIND_DUE,
  },
  'Decide whether a point expires': {
    Type: 'Choice',
    Choices: [{ Condition: expression("$plan != ''"), Next: 'Expire the points' }],
    Default: SWEEP,
  },
  [DECIDE_COLD]: {
    Type: 'Choice',
    Choices: [{ Condition: expression('$exists($policy.cold)'), Next: MARK_COLD }],
    Default: WRITE_EVIDENCE,
  },
  ...withFailureStates(
    {
      stage: 'retention',
      reportFailure: parts.functions.reportFailure,
      scope: ASSET_SCOPE,
      end: NOT_DONE,
      // What went before has its evidence all the same: without it nothing vouches for the tombstones.
      goOn: { [SWEEP]: { Next: DECIDE_COLD, Assign: wasNotDone }, [MARK_COLD]: { Next: WRITE_EVIDENCE, Assign: wasNotDone } },
    },
    assetSteps(parts),
  ),
  [DECIDE_EVIDENCE]: {
    Type: 'Choice',
    Choices: [{ Condition: expression('$count([$keys, $extended, $unsigned]) > 0'), Next: 'Sign the evidence' }],
    Default: DONE,
  },
  [DONE]: { Type: 'Pass', Output: expression(told), End: true },
  [NOT_DONE]: {
    Type: 'Pass',
    Output: expression(
      `$merge([{'asset': $asset, 'failed': 1, 'message': ${messageWith('$substring($report.message, 0, 300)')}}, ${pointsLeft}])`,
    ),
    End: true,
  },
});

export const retentionWorkflow = (parts: RetentionWorkflowParts): StateMachineDefinition => ({
  Comment: `Expires the points of ${parts.system} that its plan keeps no longer, and sweeps what no point needs`,
  QueryLanguage: 'JSONata',
  StartAt: TAKE_REQUEST,
  TimeoutSeconds: RETENTION_TIMEOUT_SECONDS,
  States: {
    [TAKE_REQUEST]: takeRequest({
      longestRuns: {},
      askedFor: 'asset',
      assign: { policies: parts.policies, terms: parts.locks, assets: [], outcomes: [] },
      next: 'List the assets',
    }),
    ...withFailureStates(
      { stage: 'retention', reportFailure: parts.functions.reportFailure },
      {
        'List the assets': functionTask(
          parts.functions.listAssets,
          { ...REQUEST_PAYLOAD, assets: expression('[$keys($policies)]') },
          {
            assign: { run: expression(`${answer}.run`), assets: expression(`[${answer}.assets]`) },
            next: 'Go through the assets',
          },
        ),
        'Go through the assets': {
          Type: 'Map',
          Items: expression('$assets'),
          ItemSelector: {
            asset: expression('$states.context.Map.Item.Value'),
            policy: expression('$lookup($policies, $states.context.Map.Item.Value)'),
            term: expression('$lookup($terms, $states.context.Map.Item.Value)'),
            run: expression('$run'),
            execution: expression('$execution'),
          },
          MaxConcurrency: ASSETS_AT_ONCE,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Take one asset',
            States: assetStates(parts),
          },
          Assign: { outcomes: expression('[$states.result]') },
          Output: {},
          Next: IS_DONE,
        },
      },
    ),
    ...endStates(parts.functions.reportFailure),
  },
});
