/** The machines of a system's stages over their real functions. What a Fargate task does is the test's own. */
import { CompleteCopyRequest, CopyBatch, CopyEnvironment, CopyPointRequest } from '../../core/backup/contract.ts';
import type { CopySizes } from '../../core/copy/plan-batches.ts';
import { FindDueRequest } from '../../core/lock/contract.ts';
import { AssetRun, DecideRequest, ExpireRequest, WriteEvidenceRequest } from '../../core/retention/contract.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { connectCopy, type CopyPorts } from '../../functions/copy/ports.ts';
import { tellable } from '../../functions/edge.ts';
import { findDue } from '../../functions/lock/find-due.ts';
import { decidePoints } from '../../functions/retention/decide-points.ts';
import { expirePoints } from '../../functions/retention/expire-points.ts';
import { connectRetention, type RetentionPorts } from '../../functions/retention/ports.ts';
import { sweepAttempts } from '../../functions/retention/sweep-attempts.ts';
import { writeEvidence } from '../../functions/retention/write-evidence.ts';
import { backupWorkflow } from '../../infra/backup/workflow.ts';
import { drillWorkflow } from '../../infra/drill/workflow.ts';
import { escrowWorkflow } from '../../infra/escrow/workflow.ts';
import { retentionWorkflow } from '../../infra/retention/workflow.ts';
import { FUNCTION_ARNS } from './handlers.ts';
import type { Handler, Stage } from './run-stage.ts';

const MIB = 1024 ** 2;
/** S3's smallest part, so that an object of a test has several. */
const COPY_SIZES: CopySizes = { partBytes: 5 * MIB, batchBytes: 5 * MIB, batchObjects: 2, maxBatches: 100 };
const NETWORK = { subnets: ['subnet'], securityGroups: ['group'] };

const LOCKS = (asset: string) => ({ [asset]: { mode: 'governance', lengthDays: 30 } as const });

type Functions<W extends (parts: never) => unknown> = Parameters<W>[0] extends { functions: infer F } ? F : never;
type Of = Pick<Stage, 'tasks' | 'executions'> & { system: string };

export const backupStage = ({ system, ...of }: Of, asset: string): Stage => ({
  ...of,
  system,
  name: 'backup',
  definition: backupWorkflow({
    system,
    functions: FUNCTION_ARNS as Functions<typeof backupWorkflow>,
    cluster: 'cluster',
    dumpNetwork: NETWORK,
    verifyNetwork: NETWORK,
    longestRuns: { [asset]: 3600 },
    locks: LOCKS(asset),
  }),
  functions: copyFunctions(),
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
    planCopy: (event) => told(() => planCopy(CopyPointRequest.parse(event), connected())),
    copyParts: (event) => told(() => copyParts(CopyBatch.parse(event), connected())),
    completeCopy: (event) => told(() => completeCopy(CompleteCopyRequest.parse(event), connected())),
  };
}

/** @param aheadMilliseconds how much later than now it is for this run: the next day's run does what this one left */
export function retentionStage(
  { system, ...of }: Of,
  asset: string,
  { policy, aheadMilliseconds, readText }: { policy: RetentionPolicy; aheadMilliseconds: number } & Pick<Stage, 'readText'>,
): Stage {
  const bucket = process.env['VAULT_BUCKET'] ?? '';
  let ports: RetentionPorts | undefined;
  const now = () => new Date(Date.now() + aheadMilliseconds);
  const connected = () => (ports ??= { ...connectRetention({ SYSTEM: system, VAULT_BUCKET: bucket }), now });
  return {
    ...of,
    ...(readText ? { readText } : {}),
    system,
    aheadMilliseconds,
    name: 'retention',
    definition: retentionWorkflow({
      system,
      bucket,
      policies: { [asset]: policy },
      locks: LOCKS(asset),
      functions: FUNCTION_ARNS as Functions<typeof retentionWorkflow>,
    }),
    functions: {
      findDue: (event) => told(() => findDue(FindDueRequest.parse(event), { ...connected(), side: 'vault' })),
      decidePoints: (event) => told(() => decidePoints(DecideRequest.parse(event), connected())),
      expirePoints: (event) => told(() => expirePoints(ExpireRequest.parse(event), connected())),
      sweepAttempts: (event) => told(() => sweepAttempts(AssetRun.parse(event), connected())),
      writeEvidence: (event) => told(() => writeEvidence(WriteEvidenceRequest.parse(event), connected())),
    },
  };
}

export const escrowStage = ({ system, ...of }: Of, key: string): Stage => ({
  ...of,
  system,
  name: 'escrow',
  definition: escrowWorkflow({ system, functions: FUNCTION_ARNS as Functions<typeof escrowWorkflow>, longestRuns: { [key]: 900 } }),
  functions: {},
});

export const drillStage = ({ system, ...of }: Of, asset: string): Stage => ({
  ...of,
  system,
  name: 'drill',
  definition: drillWorkflow({
    system,
    functions: FUNCTION_ARNS as Functions<typeof drillWorkflow>,
    cluster: 'cluster',
    drillNetwork: NETWORK,
    longestRuns: { [asset]: 3600 },
    objectives: { [asset]: { rpoSeconds: 86_400, rtoSeconds: 3_600 } },
  }),
  functions: {},
});
