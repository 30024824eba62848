import type { Construct } from 'constructs';
import { approvalRule } from '../../core/approval/rule.ts';
import { sayStops } from '../../core/quiesce/put-back.ts';
import type { RestoreTerms } from '../../core/restore/contract.ts';
import { FOLLOW_UPS } from '../../core/restore/result.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { signOffKey, type LeftToPeople } from '../../core/sign-off/records.ts';
import {
  evidenceKey,
  evidenceKindPrefix,
  publicKeyKey,
  publicKeysPrefix,
  restorePaperKey,
  systemRestorePapersPrefix,
} from '../../core/vault/keys.ts';
import { approvalAllowanceSeconds, approvalBlock } from '../approval/block.ts';
import { assetIds } from '../backup/construct.ts';
import { quiesceBlocks } from '../quiesce/construct.ts';
import { probeBlocks } from '../validation/construct.ts';
import { keyNeeds } from '../key-needs.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, putObjects, readObjects, retrieveObjects, vaultOf } from '../grants.ts';
import { makeMachine, runMachine } from '../machine.ts';
import type { TaskNetworks } from '../network.ts';
import type { Settings } from '../settings.ts';
import { longestBackupRuns, type System } from '../system.ts';
import type { Statement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import { COPIES } from '../copy/sides.ts';
import { ASKED } from './asked.ts';
import type { RestoreBlocks } from './block.ts';
import { restoreWorkflow } from './workflow.ts';

const APPROVING = ['approval/write-request', 'approval/ask-approvers', 'approval/confirm-decisions'] as const;
const WRITTEN = ['restore-result', ...FOLLOW_UPS, 'restore-failure'] as const;

/** What became of the database that an earlier restore has kept is asked of that restore's own evidence, and of its sign-off. */
function earlierRestores(system: System): Statement[] {
  const { name } = system;
  const keys = [...['restore-result', ...FOLLOW_UPS].map((kind) => evidenceKey(name, kind, ANY_RUN)), signOffKey(name, ANY_RUN)];
  const followUps = FOLLOW_UPS.map((kind) => evidenceKindPrefix(name, '????', kind));
  return [
    listObjects('SeeEarlierRestores', vaultOf(system), [...keys, ...followUps]),
    readObjects('ReadEarlierRestores', vaultOf(system), keys),
  ];
}

/** What the plan leaves to people after a restore, by asset, as text: in a definition a brace in it could be read as an expression. */
const leftToPeople = (system: System): Record<string, string> =>
  Object.fromEntries(
    system.postgresAssets.flatMap(({ id, restore }) => {
      const left: LeftToPeople = { checks: restore?.validation?.manual ?? [], followUps: restore?.followUps ?? [] };
      return left.checks.length + left.followUps.length === 0 ? [] : [[id, JSON.stringify(left)]];
    }),
  );

/** A backup may take as long as its asset's plan says, and what the machine around it takes. */
const BACKUP_GRACE_SECONDS = 7200;
const longestBackup = (system: System) => Math.max(0, ...Object.values(longestBackupRuns(system))) + BACKUP_GRACE_SECONDS;

/** A definition has little room for many databases: what is not so is left out. */
function termsOf(asset: System['postgresAssets'][number]): RestoreTerms {
  const { restore } = asset;
  const { noOwner, noPrivileges } = restoreLoginOf(asset);
  const terms = { quiesce: restore?.quiesce !== undefined, validate: restore?.validation !== undefined, noOwner, noPrivileges };
  return Object.fromEntries(Object.entries(terms).filter(([, isSo]) => isSo));
}

/** A point into a new database or in the place of one: what it needs is checked before anything starts. */
export function makeRestore(stack: Construct, system: System, settings: Settings, networks: TaskNetworks<'restore'>): void {
  const vault = vaultOf(system);
  makeFunction(stack, {
    system,
    settings,
    handler: 'restore/check-request',
    description: 'checks what a restore is asked',
    environment: {
      SYSTEM: system.name,
      VAULT_BUCKET: system.vaultBucket,
      FROM: system.side,
      ASSETS: assetIds(system),
      ESCROW_BUCKET: system.escrowBucket,
      NEEDS: keyNeeds(system),
    },
    statements: [
      listObjects('SeePoints', vault, [`catalog/${system.name}/`, `chain/${system.name}/`, publicKeysPrefix(system.name)]),
      readObjects('ReadPoints', vault, [`catalog/${system.name}/*`, `chain/${system.name}/*`, publicKeyKey(system.name, '*')]),
      ...earlierRestores(system),
      bucketKey('VaultKey', system, vault, 'read'),
      listObjects('SeeWhichKeysCanBeHad', escrowOf(system), [`${system.name}/`]),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'restore/retrieve-point',
    description: 'has the data of a point retrieved from cold storage',
    timeoutSeconds: 900,
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeData', vault, [`data/${system.name}/`]),
      // The head of an object says whether it was retrieved, and takes the right to read it; no key opens it here.
      retrieveObjects('Retrieve', vault, [`data/${system.name}/*`]),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'restore/write-result',
    description: 'writes the evidence of a restore',
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeWhatWasDone', vault, [systemRestorePapersPrefix(system.name)]),
      readObjects('ReadWhatWasDone', vault, [restorePaperKey(system.name, '*', ANY_RUN, '*')]),
      putObjects(
        'WriteEvidence',
        vault,
        WRITTEN.map((kind) => evidenceKey(system.name, kind, ANY_RUN)),
      ),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  const safetyBackup =
    system.side === 'vault'
      ? { machineArn: system.machineArn('backup'), longestSeconds: longestBackup(system), find: system.functionArn('restore/find-safety') }
      : undefined;
  if (safetyBackup !== undefined)
    makeFunction(stack, {
      system,
      settings,
      handler: 'restore/find-safety',
      description: 'looks whether an earlier restore has saved a database that it dropped',
      environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket },
      statements: [
        listObjects('SeeWhatWasPrepared', vault, [systemRestorePapersPrefix(system.name)]),
        readObjects('ReadWhatWasPrepared', vault, [restorePaperKey(system.name, '*', ANY_RUN, 'prepared')]),
        bucketKey('VaultKey', system, vault, 'read'),
      ],
    });
  // In the second region nothing is replaced, and nothing stopped.
  const around = safetyBackup === undefined ? [] : [quiesceBlocks(system), probeBlocks(system)];
  const rules = Object.fromEntries(system.postgresAssets.map((asset) => [asset.id, approvalRule(asset)]));
  makeMachine(stack, {
    system,
    settings,
    stage: 'restore',
    tasks: ['restore'],
    functions: [
      'restore/check-request',
      'restore/retrieve-point',
      'restore/write-result',
      ...(safetyBackup === undefined ? [] : (['restore/find-safety'] as const)),
      ...APPROVING,
      ...around.flatMap(({ functions }) => functions),
      'evidence/sign-objects',
      'lock/lock-objects',
      ...COPIES[system.side],
      'backup/report-failure',
    ],
    statements: safetyBackup === undefined ? [] : runMachine(system, 'backup'),
    definition: restoreWorkflow({
      system: system.name,
      cluster: system.clusterArn,
      restoreNetwork: networks.restore,
      // The plan gives a drill as long as a restore may take: it is the same work.
      longestRuns: Object.fromEntries(system.postgresAssets.map((a) => [a.id, durationSeconds(a.drill.schedule.longestRun)])),
      terms: Object.fromEntries(system.postgresAssets.map((asset) => [asset.id, termsOf(asset)])),
      manual: leftToPeople(system),
      ...(safetyBackup === undefined ? {} : { safetyBackup }),
      blocks: {
        ...around.reduce<RestoreBlocks>((all, { blocks }) => ({ ...all, ...blocks }), {}),
        allowanceSeconds: around.reduce((sum, { blocks }) => sum + (blocks.allowanceSeconds ?? 0), approvalAllowanceSeconds(rules)),
        approval: ({ next }) =>
          approvalBlock({
            functions: {
              writeRequest: system.functionArn('approval/write-request'),
              askApprovers: system.functionArn('approval/ask-approvers'),
              confirmDecisions: system.functionArn('approval/confirm-decisions'),
              signObjects: system.functionArn('evidence/sign-objects'),
              lockObjects: system.functionArn('lock/lock-objects'),
              ...(COPIES[system.side].length === 0 ? {} : { copyRecords: system.functionArn('copy/copy-records') }),
            },
            rules,
            stops: Object.fromEntries(system.postgresAssets.map((a) => [a.id, sayStops(a.restore?.quiesce)])),
            next,
            asked: ASKED,
          }),
      },
      functions: {
        retrievePoint: system.functionArn('restore/retrieve-point'),
        writeResult: system.functionArn('restore/write-result'),
        checkRequest: system.functionArn('restore/check-request'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(COPIES[system.side].length === 0 ? {} : { copyRecords: system.functionArn('copy/copy-records') }),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}
