import { alarmTopicName, taskRoleName } from '../../core/names.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { arn, roleArn, type System } from '../system.ts';

/**
 * The system as its second region has it when the home region is gone: that region is home, its replica is the vault, and its escrow
 * bucket is the escrow bucket. What is built from it names nothing of the home region, so that the same constructs serve both.
 */
export function recoverySystem(system: System): System {
  const { name, replica, plan } = system;
  const { recovery } = plan;
  const own = system.runsBeside('replica');
  const { alarmTopic: _, ...rest } = plan;
  const { alarmTopic } = recovery;
  const postgresAssets = system.postgresAssets.map(asDrilledThere);
  return {
    ...system,
    plan: { ...rest, home: plan.replica, network: recovery.network, ...(alarmTopic === undefined ? {} : { alarmTopic }) },
    side: 'replica',
    postgresAssets,
    home: replica,
    vaultBucket: system.replicaBucket,
    escrowBucket: system.replicaEscrowBucket,
    clusterArn: arn(replica, 'ecs', `cluster/${system.cluster}`),
    alarmTopicArn: alarmTopic ?? arn(replica, 'sns', alarmTopicName(name)),
    roleArn: (roleName) => roleArn(replica, roleName),
    functionRole: own.functionRole,
    functionArn: own.functionArn,
    runsBeside: () => own,
    taskRole: (asset, task) => taskRoleName(name, asset, task, 'replica'),
    machineArn: own.machineArn,
    machineName: own.machineName,
    machineRole: own.machineRole,
    // Roles are their account's, which may be the same one.
    schedulerRole: `${system.schedulerRole}-replica`,
    taskExecutionRole: `${system.taskExecutionRole}-replica`,
    flowLogRole: `${system.flowLogRole}-replica`,
    humanRole: (role) => `${system.humanRole(role)}-replica`,
  };
}

/**
 * A drill of the replica has a schedule of its own, which also says how long one may take. Restores replace nothing there, so that
 * nothing is stopped for them, and no application is asked.
 */
function asDrilledThere(asset: PostgresAsset): PostgresAsset {
  return {
    ...asset,
    ...(asset.restore === undefined ? {} : { restore: asRestoredThere(asset.restore) }),
    drill: asBroughtUpThere({ ...asset.drill, schedule: asset.drill.fromReplica ?? asset.drill.schedule }),
  };
}

/** Only what has an image there is brought up there. */
function asBroughtUpThere({ application, ...drill }: PostgresAsset['drill']): PostgresAsset['drill'] {
  if (application?.replicaImage === undefined) return drill;
  const { replicaImage: image, ...rest } = application;
  return { ...drill, application: { ...rest, image } };
}

function asRestoredThere(restore: NonNullable<PostgresAsset['restore']>): PostgresAsset['restore'] {
  const { quiesce: _, validation, ...rest } = restore;
  return { ...rest, ...(validation === undefined ? {} : { validation: { ...validation, probes: [], logins: [] } }) };
}
