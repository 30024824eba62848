import type { Construct } from 'constructs';
import { catalogPrefix, chainPrefix } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import { longestBackupRuns, type System } from '../system.ts';

/** Links every committed point into the chain of its asset. */
export function makeRecord(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  const links = `${chainPrefix(system.name, '*')}*`;
  makeFunction(stack, {
    system,
    settings,
    handler: 'record/record-point',
    description: 'links points into the chain and publishes metrics',
    timeoutSeconds: 300,
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, LONGEST_RUNS: JSON.stringify(longestBackupRuns(system)) },
    statements: [
      listObjects('SeePointsAndLinks', vault, [`catalog/${system.name}/`, `chain/${system.name}/`]),
      readObjects('ReadPointsAndLinks', vault, [`${catalogPrefix(system.name, '*')}*`, links]),
      putObjects('Link', vault, [links]),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}
