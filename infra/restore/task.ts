import type { Construct } from 'constructs';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { commonEnvironment, leaveNotes, logIn, readPoints, RESTORING_STORAGE_GIB, type AssetTaskProps } from '../asset-grants.ts';
import { taskSize } from '../fargate-size.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { Statement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';
import { makeTask } from '../task.ts';

/** Restores points of one asset into a new database of the server that the restore's secret names in this region. */
export function makeRestoreTask(scope: Construct, { asset, ...props }: AssetTaskProps): void {
  const { system } = props;
  makeTask(scope, 'Restore', {
    ...props,
    asset: asset.id,
    ...taskSize(asset.task),
    task: 'restore',
    description: `restores points of ${asset.id} into a new database`,
    ephemeralStorageGiB: RESTORING_STORAGE_GIB,
    environment: { ...commonEnvironment(system, asset), FROM: system.side },
    statements: restoreStatements(system, asset),
  });
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
    ...logIn(system, asset, 'restore'),
  ];
}
