import type { Construct } from 'constructs';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { TASK_PAPERS } from '../../core/restore/result.ts';
import { restorePaperKey, restorePapersPrefix } from '../../core/vault/keys.ts';
import { commonEnvironment, leaveNotes, logIn, readPoints, RESTORING_STORAGE_GIB, type AssetTaskProps } from '../asset-grants.ts';
import { taskSize } from '../fargate-size.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { Statement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';
import { makeTask } from '../task.ts';

/** Restores points of one asset on the server that the restore's secret names in this region: into a new database, or in the place of one. */
export function makeRestoreTask(scope: Construct, { asset, ...props }: AssetTaskProps): void {
  const { system } = props;
  makeTask(scope, 'Restore', {
    ...props,
    asset: asset.id,
    ...taskSize(asset.task),
    task: 'restore',
    description: `restores points of ${asset.id}`,
    ephemeralStorageGiB: RESTORING_STORAGE_GIB,
    environment: { ...commonEnvironment(system, asset), FROM: system.side },
    statements: restoreStatements(system, asset),
  });
}

/** Reads points and logs in to the server; writes, and reads again, nothing of a vault but its own working papers. */
function restoreStatements(system: System, asset: PostgresAsset): Statement[] {
  const vault = vaultOf(system);
  const papers = TASK_PAPERS.map((paper) => restorePaperKey(system.name, asset.id, ANY_RUN, paper));
  return [
    ...readPoints(system, asset),
    putObjects('SayWhatWasDone', vault, papers),
    listObjects('SeeWhatWasDone', vault, [restorePapersPrefix(system.name, asset.id)]),
    readObjects('ReadWhatWasDone', vault, papers),
    leaveNotes(system, asset, 'restore'),
    bucketKey('VaultKey', system, vault, 'read-write'),
    ...logIn(system, asset, 'restore'),
  ];
}
