import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import {
  assetDataPrefix,
  catalogPrefix,
  chainPrefix,
  escrowPrefix,
  evidenceKey,
  factKey,
  failureNoteKey,
  manifestKey,
} from '../../core/vault/keys.ts';
import type { TaskName } from '../../core/names.ts';
import { taskSize } from '../fargate-size.ts';
import {
  bucketKey,
  describeEscrowKeys,
  escrowKeyArn,
  escrowOf,
  listObjects,
  openEnvelopes,
  putObjects,
  readObjects,
  readSecrets,
  replicaOf,
  uploadObjects,
  vaultOf,
} from '../grants.ts';
import type { Statement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import { arn, bucketArn, type System } from '../system.ts';
import { makeTask, SOCKET_DIR } from '../task.ts';

/**
 * Room for an archive as a whole, and in a drill for the database that is restored from it. Restores have as much as drills: what
 * passes a drill must be restorable.
 */
const RESTORING_STORAGE_GIB = 100;

export type AssetTasksProps = { system: System; settings: Settings; asset: PostgresAsset; image: string };

/** The four tasks of one database, each with a role of its own. It refers to shared things by name, so that any stack can hold it. */
export class AssetTasks extends Construct {
  constructor(scope: Construct, { system, settings, asset, image }: AssetTasksProps) {
    super(scope, `Asset-${asset.id}`);
    const logGroupName = `/holdfast/${system.name}/${asset.id}`;
    new CfnLogGroup(this, 'Logs', { logGroupName, retentionInDays: settings.logRetentionDays }).applyRemovalPolicy(RemovalPolicy.DESTROY);
    const shared = { system, settings, asset: asset.id, image, logGroupName, ...taskSize(asset.task) };
    const common = { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, ASSET_PLAN: JSON.stringify(asset) };
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
    makeTask(this, 'Drill', {
      ...shared,
      ...taskSize({ cpu: asset.task.cpu, memoryMiB: asset.task.memoryMiB + asset.drill.throwawayMemoryMiB }),
      task: 'drill',
      description: `restores points of ${asset.id} into a throwaway database`,
      ephemeralStorageGiB: RESTORING_STORAGE_GIB,
      throwaway: { lifeSeconds: durationSeconds(asset.drill.schedule.longestRun) },
      environment: {
        ...common,
        REPLICA_BUCKET: system.replicaBucket,
        REPLICA_REGION: system.replica.region,
        ESCROW_BUCKET: system.escrowBucket,
        ESCROW_KEY_ARN: escrowKeyArn(system, system.home),
        DATABASE_SOCKET_DIR: SOCKET_DIR,
      },
      statements: drillStatements(system, asset),
    });
    makeTask(this, 'Restore', {
      ...shared,
      task: 'restore',
      description: `restores points of ${asset.id} into a new database`,
      ephemeralStorageGiB: RESTORING_STORAGE_GIB,
      environment: common,
      statements: restoreStatements(system, asset),
    });
  }
}

/** Why a task failed: its own notes and no other's, for whoever tells of it. */
const leaveNotes = (system: System, { id }: PostgresAsset, task: TaskName): Statement =>
  putObjects('SayWhyItFailed', vaultOf(system), [failureNoteKey(system.name, id, ANY_RUN, task, '*')]);

const ofAsset = (system: System, { id }: PostgresAsset) => ({
  data: assetDataPrefix(system.name, id),
  catalog: catalogPrefix(system.name, id),
  chain: chainPrefix(system.name, id),
});

/** Writes its own asset's data and manifest. Reads nothing of a vault, locks nothing, deletes nothing. */
function dumpStatements(system: System, asset: PostgresAsset): Statement[] {
  const vault = vaultOf(system);
  return [
    uploadObjects('WriteData', vault, [`${ofAsset(system, asset).data}*`]),
    putObjects('CommitPoints', vault, [manifestKey(system.name, asset.id, '*')]),
    leaveNotes(system, asset, 'dump'),
    bucketKey('VaultKey', system, vault, 'upload'),
    ...(asset.needsKeys.length === 0 ? [] : [findFingerprints(system, asset)]),
    ...logIn(system, asset, asset.source.secret),
  ];
}

/** Keys of objects only: a fingerprint is part of the key. */
const findFingerprints = (system: System, asset: PostgresAsset): Statement => ({
  sid: 'FindFingerprints',
  actions: ['s3:ListBucket'],
  resources: [bucketArn(system.home, system.escrowBucket)],
  conditions: { StringLike: { 's3:prefix': asset.needsKeys.map((key) => `${escrowPrefix(system.name, key)}*`) } },
});

/** @param name of the secret of the one login that the task has */
function logIn(system: System, asset: PostgresAsset, name: string): Statement[] {
  const secret = readSecrets('ReadLoginSecret', system, [name], ['secretsmanager:GetSecretValue']);
  if (asset.source.authentication === 'password') return secret;
  const login: Statement = {
    sid: 'LogInWithIam',
    actions: ['rds-db:connect'],
    resources: [arn({ ...system.home, account: system.plan.sourceAccount ?? system.home.account }, 'rds-db', 'dbuser:*/*')],
    why: 'Which user of which database stands in the secret; the database itself admits a user only by a grant of rds_iam.',
  };
  return [...secret, login];
}

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

function readPoints(system: System, asset: PostgresAsset): Statement[] {
  const { data, catalog } = ofAsset(system, asset);
  const vault = vaultOf(system);
  return [listObjects('SeePoints', vault, [data, catalog]), readObjects('ReadPoints', vault, [`${data}*`, `${catalog}*`])];
}

/** Reads points of either vault and opens the keys that they need from escrow; has no way to the source or to its secret. */
function drillStatements(system: System, asset: PostgresAsset): Statement[] {
  const [vault, replica, escrow] = [vaultOf(system), replicaOf(system), escrowOf(system)];
  const { data, catalog, chain } = ofAsset(system, asset);
  const keys = [...new Set([...asset.needsKeys, ...asset.drill.canaries.map((c) => c.key)])];
  const envelopes = keys.map((key) => escrowPrefix(system.name, key));
  return [
    ...readPoints(system, asset),
    listObjects('SeeLinks', vault, [chain]),
    readObjects('ReadLinks', vault, [`${chain}*`]),
    listObjects('SeePointsAndLinksOfTheReplica', replica, [data, catalog, chain]),
    readObjects('ReadPointsAndLinksOfTheReplica', replica, [`${data}*`, `${catalog}*`, `${chain}*`]),
    putObjects('SayWhatWasMeasured', vault, [evidenceKey(system.name, 'drill-result', ANY_RUN)]),
    leaveNotes(system, asset, 'drill'),
    bucketKey('VaultKey', system, vault, 'read-write'),
    bucketKey('ReplicaKey', system, replica, 'read'),
    ...(keys.length === 0
      ? []
      : [
          listObjects('SeeEnvelopes', escrow, envelopes),
          readObjects(
            'ReadEnvelopes',
            escrow,
            envelopes.map((prefix) => `${prefix}*`),
          ),
          openEnvelopes('OpenEnvelopes', system, system.home, keys),
          ...describeEscrowKeys(system, [system.home]),
        ]),
  ];
}

/** Reads points and logs in to the source's server, where it may make a database; writes, and reads again, nothing of a vault but what it did. */
function restoreStatements(system: System, asset: PostgresAsset): Statement[] {
  const vault = vaultOf(system);
  const results = [evidenceKey(system.name, 'restore-result', ANY_RUN)];
  return [
    ...readPoints(system, asset),
    putObjects('SayWhatWasRestored', vault, results),
    listObjects('SeeWhatWasRestored', vault, results),
    readObjects('ReadWhatWasRestored', vault, results),
    leaveNotes(system, asset, 'restore'),
    bucketKey('VaultKey', system, vault, 'read-write'),
    ...logIn(system, asset, restoreLoginOf(asset).secret),
  ];
}
