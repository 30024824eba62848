import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { escrowPrefix, factKey, manifestKey } from '../../core/vault/keys.ts';
import { commonEnvironment, leaveNotes, logIn, ofAsset, readPoints } from '../asset-grants.ts';
import { makeDrillTask } from '../drill/task.ts';
import { taskSize } from '../fargate-size.ts';
import { bucketKey, putObjects, uploadObjects, vaultOf } from '../grants.ts';
import type { Statement } from '../policy.ts';
import { makeRestoreTask } from '../restore/task.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import { bucketArn, type System } from '../system.ts';
import { makeTask } from '../task.ts';

export type AssetTasksProps = { system: System; settings: Settings; asset: PostgresAsset; image: string };

/** The four tasks of one database, each with a role of its own. It refers to shared things by name, so that any stack can hold it. */
export class AssetTasks extends Construct {
  constructor(scope: Construct, { system, settings, asset, image }: AssetTasksProps) {
    super(scope, `Asset-${asset.id}`);
    const logGroupName = `/holdfast/${system.name}/${asset.id}`;
    new CfnLogGroup(this, 'Logs', { logGroupName, retentionInDays: settings.logRetentionDays }).applyRemovalPolicy(RemovalPolicy.DESTROY);
    const shared = { system, settings, asset: asset.id, image, logGroupName, ...taskSize(asset.task) };
    const common = commonEnvironment(system, asset);
    makeTask(this, 'Dump', {
      ...shared,
      task: 'dump',
      description: `dumps ${asset.id}`,
      environment: { ...common, ESCROW_BUCKET: system.escrowBucket },
      statements: dumpStatements(system, asset),
    });
    makeTask(this, 'Verify', {
      ...shared,
      task: 'verify',
      description: `verifies points of ${asset.id}`,
      environment: common,
      statements: verifyStatements(system, asset),
    });
    const restoring = { system, settings, asset, image, logGroupName };
    makeDrillTask(this, restoring);
    makeRestoreTask(this, restoring);
  }
}

/** Writes its own asset's data and manifest. Reads nothing of a vault, locks nothing, deletes nothing. */
function dumpStatements(system: System, asset: PostgresAsset): Statement[] {
  const vault = vaultOf(system);
  return [
    uploadObjects('WriteData', vault, [`${ofAsset(system, asset).data}*`]),
    putObjects('CommitPoints', vault, [manifestKey(system.name, asset.id, '*')]),
    leaveNotes(system, asset, 'dump'),
    bucketKey('VaultKey', system, vault, 'upload'),
    ...(asset.needsKeys.length === 0 ? [] : [findFingerprints(system, asset)]),
    ...logIn(system, asset, 'dump'),
  ];
}

/** Keys of objects only: a fingerprint is part of the key. */
const findFingerprints = (system: System, asset: PostgresAsset): Statement => ({
  sid: 'FindFingerprints',
  actions: ['s3:ListBucketVersions'],
  resources: [bucketArn(system.home, system.escrowBucket)],
  conditions: { StringLike: { 's3:prefix': asset.needsKeys.map((key) => `${escrowPrefix(system.name, key)}*`) } },
});

/** Reads its own asset's points, and says what it found. */
function verifyStatements(system: System, asset: PostgresAsset): Statement[] {
  const vault = vaultOf(system);
  return [
    ...readPoints(system, asset),
    putObjects('SayThatItIsVerified', vault, [factKey(system.name, asset.id, '*', 'verified', ANY_RUN)]),
    leaveNotes(system, asset, 'verify'),
    bucketKey('VaultKey', system, vault, 'read-write'),
  ];
}
