/** One system as infrastructure sees it: the plan, the two places, and every name and ARN that follows from them. */
import { durationDays, durationSeconds } from '../core/plan/durations.ts';
import { longestPointLockDays } from '../core/lock/longest-term.ts';
import type { KeyAsset, PostgresAsset } from '../core/plan/schema.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import {
  alarmTopicName,
  clusterName,
  escrowBucketName,
  functionName,
  keyAlias,
  replicaBucketName,
  stateMachineName,
  taskFamily,
  taskRoleName,
  vaultBucketName,
  type KeyPurpose,
  type Side,
  type Stage,
  type TaskName,
} from '../core/names.ts';
import { partitionOf } from '../core/partition.ts';
import type { HandlerPath } from './handlers.ts';

/** The accounts may be CDK's token of the account that is deployed to; regions never are tokens. */
export type Site = { account: string; region: string; partition: string };

export type System = ReturnType<typeof describeSystem>;

/** @param deployedAccount account of the deployment, for a plan that names none; may be a token */
export function describeSystem(plan: ProtectionPlan, deployedAccount: string) {
  const name = plan.system;
  const home = site(plan.home.account ?? deployedAccount, plan.home.region);
  const replica = site(plan.replica.account ?? plan.home.account ?? deployedAccount, plan.replica.region);
  const placeOf = (s: Site) => ({ system: name, account: s.account, region: s.region });
  const vaultBucket = vaultBucketName(placeOf(home));
  const replicaBucket = replicaBucketName(placeOf(replica));
  return {
    plan,
    name,
    /** Which of the two vaults `vaultBucket` is. */
    side: 'vault' as Side,
    home,
    replica,
    vaultBucket,
    replicaBucket,
    escrowBucket: escrowBucketName(placeOf(home)),
    replicaEscrowBucket: escrowBucketName(placeOf(replica)),
    postgresAssets: plan.assets.filter((a): a is PostgresAsset => a.kind === 'postgres'),
    keyAssets: plan.assets.filter((a): a is KeyAsset => a.kind === 'key'),
    cluster: clusterName(name),
    clusterArn: arn(home, 'ecs', `cluster/${clusterName(name)}`),
    alarmTopicArn: plan.alarmTopic ?? arn(home, 'sns', alarmTopicName(name)),
    roleArn: (roleName: string) => roleArn(home, roleName),
    functionRole: (handler: HandlerPath) => functionName(name, handler),
    functionArn: (handler: HandlerPath) => arn(home, 'lambda', `function:${functionName(name, handler)}`),
    /** The same names, of what runs beside the vault or beside the replica. */
    runsBeside: (side: Side) => namesBeside(name, side, side === 'vault' ? home : replica),
    taskRole: (asset: string, task: TaskName) => taskRoleName(name, asset, task),
    taskFamily: (asset: string, task: TaskName) => taskFamily(name, asset, task),
    machineArn: (stage: Stage) => arn(home, 'states', `stateMachine:${stateMachineName(name, stage)}`),
    machineName: (stage: Stage) => stateMachineName(name, stage),
    machineRole: (stage: Stage) => `${stateMachineName(name, stage)}-machine`,
    schedulerRole: `holdfast-${name}-scheduler`,
    taskExecutionRole: `holdfast-${name}-task-execution`,
    flowLogRole: `holdfast-${name}-flow-log`,
    humanRole: (role: HumanRole) => `holdfast-${name}-${role}`,
    keyAlias: (purpose: KeyPurpose) => keyAlias(name, purpose),
  };
}

const namesBeside = (name: string, side: Side, at: Site) => ({
  site: at,
  functionRole: (handler: HandlerPath) => functionName(name, handler, side),
  functionArn: (handler: HandlerPath) => arn(at, 'lambda', `function:${functionName(name, handler, side)}`),
  machineName: (stage: Stage) => stateMachineName(name, stage, side),
  machineArn: (stage: Stage) => arn(at, 'states', `stateMachine:${stateMachineName(name, stage, side)}`),
  machineRole: (stage: Stage) => `${stateMachineName(name, stage, side)}-machine`,
});

export type HumanRole = 'operator' | 'requester' | 'approver' | 'custodian' | 'auditor' | 'break-glass';

/** Policies hold whole ARNs instead of the pseudo parameter. */
const site = (account: string, region: string): Site => ({ account, region, partition: partitionOf(region) });

export const arn = (s: Site, service: string, resource: string) => `arn:${s.partition}:${service}:${s.region}:${s.account}:${resource}`;
export const roleArn = (s: Site, roleName: string) => `arn:${s.partition}:iam::${s.account}:role/${roleName}`;
export const bucketArn = (s: Site, bucket: string) => `arn:${s.partition}:s3:::${bucket}`;
export const aliasArn = (s: Site, alias: string) => arn(s, 'kms', alias);
/** Secrets Manager appends six random characters to the name. */
export const secretArn = (s: Site, secret: string) =>
  secret.startsWith('arn:') ? secret : arn(s, 'secretsmanager', `secret:${secret}-??????`);
/**
 * A secret, whether or not it is there. A name that no secret has is judged without the six characters, and without a grant of that
 * the answer is a refusal, which does not tell what is gone from what may not be seen. It matches no secret.
 */
export const secretArns = (s: Site, secret: string): string[] => [
  secretArn(s, secret),
  ...(secret.startsWith('arn:') ? [] : [arn(s, 'secretsmanager', `secret:${secret}`)]),
];

/** The strictest mode that any asset asks for: what a bucket holds for a day or two before lock extends it, and evidence. */
export function strictestMode(plan: ProtectionPlan): 'governance' | 'compliance' {
  return plan.assets.some((a) => a.kind === 'postgres' && a.lock.mode === 'compliance') ? 'compliance' : 'governance';
}

/** A lock runs from the commit, by the clock of the task that made it. */
const CLOCK_MARGIN_DAYS = 1;

/** Days of the longest lock that the plan asks for, of a point or of anything; the bucket policies refuse anything longer. */
export const longestLocks = (plan: ProtectionPlan): { pointDays: number; days: number } => {
  const ofAssets = plan.assets.map((asset) => (asset.kind === 'postgres' ? longestPointLockDays(asset) : 0));
  const pointDays = Math.max(...ofAssets) + CLOCK_MARGIN_DAYS;
  return { pointDays, days: Math.max(durationDays(plan.evidence.retention), pointDays) };
};

/** Seconds that one backup may take, by asset. */
export const longestBackupRuns = (system: System): Record<string, number> =>
  Object.fromEntries(system.postgresAssets.map((a) => [a.id, durationSeconds(a.schedule.longestRun)]));
