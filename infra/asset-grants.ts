/** What the tasks of an asset are granted alike, whichever of them it is. */
import type { PostgresAsset } from '../core/plan/schema-assets.ts';
import { assetDataPrefix, catalogPrefix, chainPrefix, failureNoteKey } from '../core/vault/keys.ts';
import type { TaskName } from '../core/names.ts';
import { restoreLoginOf } from '../core/restore/restore-login.ts';
import { listObjects, putObjects, readObjects, readSecrets, vaultOf } from './grants.ts';
import type { Statement } from './policy.ts';
import { ANY_RUN } from './run-pattern.ts';
import type { Settings } from './settings.ts';
import { arn, type System } from './system.ts';

export type AssetTaskProps = { system: System; settings: Settings; asset: PostgresAsset; image: string; logGroupName: string };

/**
 * Room for an archive as a whole, and in a drill for the database that is restored from it. Restores have as much as drills: what
 * passes a drill must be restorable.
 */
export const RESTORING_STORAGE_GIB = 100;

/** Why a task failed: its own notes and no other's, for whoever tells of it. */
export const leaveNotes = (system: System, { id }: PostgresAsset, task: TaskName): Statement =>
  putObjects('SayWhyItFailed', vaultOf(system), [failureNoteKey(system.name, id, ANY_RUN, task, '*')]);

export const ofAsset = (system: System, { id }: PostgresAsset) => ({
  data: assetDataPrefix(system.name, id),
  catalog: catalogPrefix(system.name, id),
  chain: chainPrefix(system.name, id),
});

/** The one login that the task has, and no other: a secret, and with IAM the user of it in the databases that the plan names. */
export function logIn(system: System, asset: PostgresAsset, task: 'dump' | 'restore'): Statement[] {
  const { source, restore } = asset;
  const name = task === 'restore' ? restoreLoginOf(asset).secret : source.secret;
  const secret = readSecrets('ReadLoginSecret', system, [name], ['secretsmanager:GetSecretValue']);
  const user = task === 'restore' && restore !== undefined ? restore.rdsUser : source.rds?.user;
  // A plan with IAM authentication that does not name them is refused before it comes here.
  if (source.authentication === 'password' || source.rds === undefined || user === undefined) return secret;
  const site = { ...system.home, account: system.plan.sourceAccount ?? system.home.account };
  const resources = source.rds.resourceIds.map((id) => arn(site, 'rds-db', `dbuser:${id}/${user}`));
  return [...secret, { sid: 'LogInWithIam', actions: ['rds-db:connect'], resources }];
}

export function readPoints(system: System, asset: PostgresAsset): Statement[] {
  const { data, catalog } = ofAsset(system, asset);
  const vault = vaultOf(system);
  return [listObjects('SeePoints', vault, [data, catalog]), readObjects('ReadPoints', vault, [`${data}*`, `${catalog}*`])];
}

/** Variables that every task of an asset has. */
export const commonEnvironment = (system: System, asset: PostgresAsset) => ({
  SYSTEM: system.name,
  VAULT_BUCKET: system.vaultBucket,
  ASSET_PLAN: JSON.stringify(asset),
});
