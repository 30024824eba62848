/** The machines of a system's stages over their real functions. What a Fargate task does is the test's own. */
import type { Stage as StageName } from '../../core/names.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { CompleteCopyRequest, CopyBatch, CopyEnvironment, CopyPointRequest } from '../../core/backup/contract.ts';
import type { CopySizes } from '../../core/copy/plan-batches.ts';
import { FindDueRequest } from '../../core/lock/contract.ts';
import { AssetRun, DecideRequest, ExpireRequest, WriteEvidenceRequest } from '../../core/retention/contract.ts';
import { handler as admitSlot } from '../../functions/backup/admit-slot.ts';
import { handler as reportFailure } from '../../functions/backup/report-failure.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { handler as copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { connectCopy, type CopyPorts } from '../../functions/copy/ports.ts';
import { handler as choosePoint } from '../../functions/drill/choose-point.ts';
import { handler as judgeDrill } from '../../functions/drill/judge-drill.ts';
import { tellable } from '../../functions/edge.ts';
import { handler as escrowVersion } from '../../functions/escrow/escrow-version.ts';
import { handler as listVersions } from '../../functions/escrow/list-versions.ts';
import { handler as readBack } from '../../functions/escrow/read-back.ts';
import { handler as writeEscrowEvidence } from '../../functions/escrow/write-evidence.ts';
import { handler as signObjects } from '../../functions/evidence/sign-objects.ts';
import { findDue } from '../../functions/lock/find-due.ts';
import { handler as holdObjects } from '../../functions/lock/hold-objects.ts';
import { handler as lockObjects } from '../../functions/lock/lock-objects.ts';
import { handler as recordPoint } from '../../functions/record/record-point.ts';
import { decidePoints } from '../../functions/retention/decide-points.ts';
import { expirePoints } from '../../functions/retention/expire-points.ts';
import { handler as listAssets } from '../../functions/retention/list-assets.ts';
import { connectRetention, type RetentionPorts } from '../../functions/retention/ports.ts';
import { sweepAttempts } from '../../functions/retention/sweep-attempts.ts';
import { writeEvidence } from '../../functions/retention/write-evidence.ts';
import { backupWorkflow } from '../../infra/backup/workflow.ts';
import { drillWorkflow } from '../../infra/drill/workflow.ts';
import { escrowWorkflow } from '../../infra/escrow/workflow.ts';
import { retentionWorkflow } from '../../infra/retention/workflow.ts';
import type { Handler, Stage } from './run-stage.ts';

const MIB = 1024 ** 2;
/** S3's smallest part, so that an object of a test has several. */
const COPY_SIZES: CopySizes = { partBytes: 5 * MIB, batchBytes: 5 * MIB, batchObjects: 2, maxBatches: 100 };

/** In place of the ARNs that CDK fills in. */
const arn = (handler: string) => `function:${handler}`;
const NETWORK = { subnets: ['subnet'], securityGroups: ['group'] };
const RECORDS = {
  signObjects: arn('evidence/sign-objects'),
  lockObjects: arn('lock/lock-objects'),
  copyRecords: arn('copy/copy-records'),
  reportFailure: arn('backup/report-failure'),
};
const LOCKS = (asset: string) => ({ [asset]: { mode: 'governance', lengthDays: 30 } as const });
const RECORD_FUNCTIONS = {
  'evidence/sign-objects': signObjects,
  'lock/lock-objects': lockObjects,
  'copy/copy-records': copyRecords,
  'backup/report-failure': reportFailure,
};

type Of = Pick<Stage, 'tasks' | 'executions'> & { system: string };
const nameOf = (system: string, stage: StageName) => `holdfast-${system}-${stage}`;

export const backupStage = ({ system, ...of }: Of, asset: string): Stage => ({
  ...of,
  name: nameOf(system, 'backup'),
  definition: backupWorkflow({
    system,
    functions: {
      ...RECORDS,
      admitSlot: arn('backup/admit-slot'),
      planCopy: arn('copy/plan-copy'),
      copyParts: arn('copy/copy-parts'),
      completeCopy: arn('copy/complete-copy'),
      recordPoint: arn('record/record-point'),
    },
    cluster: 'cluster',
    dumpNetwork: NETWORK,
    verifyNetwork: NETWORK,
    longestRuns: { [asset]: 3600 },
    locks: LOCKS(asset),
  }),
  functions: { ...RECORD_FUNCTIONS, ...copyFunctions(), 'backup/admit-slot': admitSlot, 'record/record-point': recordPoint },
});

const told = (work: () => Promise<unknown>): Promise<unknown> =>
  work().catch((error: unknown) => {
    throw tellable(error);
  });

/** As the handlers are, but for the size of a part. */
function copyFunctions(): Record<string, Handler> {
  let ports: CopyPorts | undefined;
  const connected = () => (ports ??= { ...connectCopy(CopyEnvironment.parse(process.env)), sizes: COPY_SIZES });
  return {
    'copy/plan-copy': (event) => told(() => planCopy(CopyPointRequest.parse(event), connected())),
    'copy/copy-parts': (event) => told(() => copyParts(CopyBatch.parse(event), connected())),
    'copy/complete-copy': (event) => told(() => completeCopy(CompleteCopyRequest.parse(event), connected())),
  };
}

/** @param aheadMilliseconds how much later than now it is for this run: the next day's run does what this one left */
export function retentionStage(
  { system, ...of }: Of,
  asset: string,
  { policy, aheadMilliseconds, readText }: { policy: RetentionPolicy; aheadMilliseconds: number } & Pick<Stage, 'readText'>,
): Stage {
  let ports: RetentionPorts | undefined;
  const connected = () =>
    (ports ??= {
      ...connectRetention({ SYSTEM: system, VAULT_BUCKET: process.env['VAULT_BUCKET'] ?? '' }),
      now: () => new Date(Date.now() + aheadMilliseconds),
    });
  return {
    ...of,
    ...(readText ? { readText } : {}),
    aheadMilliseconds,
    name: nameOf(system, 'retention'),
    definition: retentionWorkflow({
      system,
      bucket: process.env['VAULT_BUCKET'] ?? '',
      policies: { [asset]: policy },
      locks: LOCKS(asset),
      functions: {
        ...RECORDS,
        listAssets: arn('retention/list-assets'),
        findDue: arn('lock/find-due'),
        holdObjects: arn('lock/hold-objects'),
        decidePoints: arn('retention/decide-points'),
        expirePoints: arn('retention/expire-points'),
        sweepAttempts: arn('retention/sweep-attempts'),
        writeEvidence: arn('retention/write-evidence'),
      },
    }),
    functions: {
      ...RECORD_FUNCTIONS,
      'retention/list-assets': listAssets,
      'lock/find-due': (event) => told(() => findDue(FindDueRequest.parse(event), { ...connected(), side: 'vault' })),
      'lock/hold-objects': holdObjects,
      'retention/decide-points': (event) => told(() => decidePoints(DecideRequest.parse(event), connected())),
      'retention/expire-points': (event) => told(() => expirePoints(ExpireRequest.parse(event), connected())),
      'retention/sweep-attempts': (event) => told(() => sweepAttempts(AssetRun.parse(event), connected())),
      'retention/write-evidence': (event) => told(() => writeEvidence(WriteEvidenceRequest.parse(event), connected())),
    },
  };
}

export const escrowStage = ({ system, ...of }: Of, key: string): Stage => ({
  ...of,
  name: nameOf(system, 'escrow'),
  definition: escrowWorkflow({
    system,
    functions: {
      ...RECORDS,
      listVersions: arn('escrow/list-versions'),
      escrowVersion: arn('escrow/escrow-version'),
      readBack: arn('escrow/read-back'),
      writeEvidence: arn('escrow/write-evidence'),
    },
    longestRuns: { [key]: 900 },
  }),
  functions: {
    ...RECORD_FUNCTIONS,
    'escrow/list-versions': listVersions,
    'escrow/escrow-version': escrowVersion,
    'escrow/read-back': readBack,
    'escrow/write-evidence': writeEscrowEvidence,
  },
});

export const drillStage = ({ system, ...of }: Of, asset: string): Stage => ({
  ...of,
  name: nameOf(system, 'drill'),
  definition: drillWorkflow({
    system,
    functions: { ...RECORDS, choosePoint: arn('drill/choose-point'), judgeDrill: arn('drill/judge-drill') },
    cluster: 'cluster',
    drillNetwork: NETWORK,
    longestRuns: { [asset]: 3600 },
  }),
  functions: { ...RECORD_FUNCTIONS, 'drill/choose-point': choosePoint, 'drill/judge-drill': judgeDrill },
});
