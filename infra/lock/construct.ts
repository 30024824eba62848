import type { Construct } from 'constructs';
import { durationDays } from '../../core/plan/durations.ts';
import { lockTermOf, type LockTerm } from '../../core/lock/lock-terms.ts';
import { factKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, lockVersions, putObjects, readLocks, readObjects, readPublicKeys, vaultOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import { longestLocks, strictestMode, type System } from '../system.ts';
import { RECORD_PREFIXES } from '../record-prefixes.ts';
import { ANY_RUN } from '../run-pattern.ts';

/** The only function that locks in the vault, which deletes nothing, shortens nothing, and writes no data; and what finds work for it. */
export function makeLock(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  const records = RECORD_PREFIXES.map((prefix) => `${prefix}/${system.name}/`);
  makeFunction(stack, {
    system,
    settings,
    handler: 'lock/lock-objects',
    description: 'extends the locks of points, records and evidence',
    timeoutSeconds: 900,
    environment: {
      SYSTEM: system.name,
      VAULT_BUCKET: system.vaultBucket,
      SIDE: system.side,
      LONGEST_LOCK_DAYS: String(longestLocks(system.plan).pointDays),
      ...evidenceTerm(system),
    },
    statements: [
      listObjects('SeeRecords', vault, records),
      readObjects(
        'ReadRecords',
        vault,
        records.map((prefix) => `${prefix}*`),
      ),
      lockVersions(
        'Lock',
        vault,
        [...records, `data/${system.name}/`].map((prefix) => `${prefix}*`),
      ),
      putObjects('SayThatItIsLocked', vault, [factKey(system.name, '*', '*', 'locked', ANY_RUN)]),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  const catalog = `catalog/${system.name}/`;
  makeFunction(stack, {
    system,
    settings,
    handler: 'lock/find-due',
    description: 'finds locks that end too early and holds that are not as the facts say',
    timeoutSeconds: 900,
    memoryMiB: 1024,
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, SIDE: system.side },
    statements: [
      listObjects('SeePoints', vault, [catalog]),
      readObjects('ReadPoints', vault, [`${catalog}*`]),
      ...readPublicKeys(system.name, vault),
      readLocks('SeeLocks', vault, [`${catalog}*`]),
      bucketKey('VaultKey', system, vault, 'read'),
    ],
  });
}

/** The plan's terms for points. Machines' definitions hold them: a function's environment has no room for many assets. */
export const lockTermsOf = (system: System): Record<string, LockTerm> =>
  Object.fromEntries(system.postgresAssets.map((asset) => [asset.id, lockTermOf(asset)]));

/** The plan's term for evidence, as the functions that lock it are given it. That of a point comes with the request, or is its own facts'. */
export const evidenceTerm = (system: System) => ({
  EVIDENCE_DAYS: String(durationDays(system.plan.evidence.retention)),
  EVIDENCE_MODE: strictestMode(system.plan),
});
